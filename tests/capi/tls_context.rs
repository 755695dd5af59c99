//! `MQTTClientExt_setSSLContext`: connections with a context of OpenSSL that the application has made.

use crate::handle::*;
use crate::support::c_interface::*;
use std::ffi::{CStr, c_int};
use std::ptr;

#[test]
fn an_invalid_handle_has_its_code() {
    let stale = Handle::new(4).0;
    let mut nothing = 0;
    for bad in [ptr::null_mut(), stale, (&raw mut nothing).cast()] {
        assert_eq!(unsafe { MQTTClientExt_setSSLContext(bad, ptr::null_mut()) }, -1);
    }
    let text = unsafe { CStr::from_ptr(MQTTExt_strerror(-59)) };
    assert_eq!(text, c"Not supported by this library");
}

/// The library under test need not have the features of the tests.
fn library_has_tls() -> bool {
    let mut handle = ptr::null_mut();
    let (uri, id) = (c"ssl://localhost".as_ptr(), c"id".as_ptr());
    let code = unsafe { MQTTClient_create(&raw mut handle, uri, id, NONE, ptr::null_mut()) };
    assert!(code == 0 || code == -14, "{code}");
    unsafe { MQTTClient_destroy(&raw mut handle) };
    code == 0
}

#[test]
fn a_library_without_tls_does_not_support_it() {
    let code = unsafe { MQTTClientExt_setSSLContext(Handle::new(4).0, ptr::null_mut()) };
    assert_eq!(code, if library_has_tls() { 0 } else { -59 });
}

#[cfg(feature = "tls")]
mod with_tls {
    use super::*;
    use crate::support::mosquitto::{Directory, Mosquitto};
    use crate::support::options::{Raw, Tls, version};
    use crate::support::tls::{Identity, Subject};
    use foreign_types::ForeignType;
    use openssl::ssl::{SslContext, SslMethod, SslVerifyMode};
    use std::ffi::CString;

    struct World {
        authority: Identity,
        _directory: Directory,
        _broker: Mosquitto,
        handle: Handle,
    }

    impl World {
        fn new() -> World {
            let (authority, directory) = (Identity::authority("authority"), Directory::new("tls-context"));
            let (certificate, key) =
                authority.issue(&Subject::named(&["localhost"])).save(&directory, "server");
            let listener = format!("certfile {certificate}\nkeyfile {key}");
            let (broker, port) = Mosquitto::start_with_listener(|_| listener.clone());
            let handle = Handle::to(&CString::new(format!("ssl://localhost:{port}")).unwrap(), 4);
            World { authority, _directory: directory, _broker: broker, handle }
        }

        /// The context is the library's alone afterwards.
        fn set(&self, trusts: bool, verifies: bool) {
            let mut context = SslContext::builder(SslMethod::tls_client()).unwrap();
            if trusts {
                context.cert_store_mut().add_cert(self.authority.certificate.clone()).unwrap();
            }
            context.set_verify(if verifies { SslVerifyMode::PEER } else { SslVerifyMode::NONE });
            let context = context.build();
            assert_eq!(unsafe { MQTTClientExt_setSSLContext(self.handle.0, context.as_ptr().cast()) }, 0);
        }

        /// The options name nothing that is trusted.
        fn connect(&self, checks_chain: bool) -> c_int {
            let tls = Tls { checks_chain, checks_host: true, only_given_trust: true, ..Tls::default() };
            let mut raw = Raw::new(&version(4).tls(&tls));
            let code = unsafe { MQTTClient_connect(self.handle.0, (&raw mut raw.options).cast()) };
            if code == 0 {
                assert_eq!(unsafe { MQTTClient_disconnect(self.handle.0, 0) }, 0);
            }
            code
        }
    }

    #[test]
    fn what_it_trusts_is_trusted() {
        if !library_has_tls() {
            return;
        }
        let world = World::new();
        assert_eq!(world.connect(true), -1);
        world.set(true, false);
        assert_eq!([world.connect(true), world.connect(true), world.connect(false)], [0, 0, 0]);
        world.set(false, false);
        assert_eq!([world.connect(true), world.connect(false)], [-1, 0]);
        world.set(false, true);
        assert_eq!(world.connect(false), -1, "the context demands a trusted server by itself");
        assert_eq!(unsafe { MQTTClientExt_setSSLContext(world.handle.0, ptr::null_mut()) }, 0);
        assert_eq!([world.connect(true), world.connect(false)], [-1, 0]);
    }

    #[test]
    fn large_messages_pass() {
        if !library_has_tls() {
            return;
        }
        let world = World::new();
        world.set(true, true);
        let tls = Tls { checks_host: true, only_given_trust: true, ..Tls::default() };
        let mut raw = Raw::new(&version(4).tls(&tls));
        assert_eq!(unsafe { MQTTClient_connect(world.handle.0, (&raw mut raw.options).cast()) }, 0);
        let payload = vec![b'x'; 4 << 20];
        let (length, mut token) = (payload.len() as c_int, 0);
        let (topic, start) = (c"t".as_ptr(), payload.as_ptr().cast());
        let token_pointer = &raw mut token;
        let handle = world.handle.0;
        assert_eq!(unsafe { MQTTClient_publish(handle, topic, length, start, 1, 0, token_pointer) }, 0);
        assert_eq!(unsafe { MQTTClient_waitForCompletion(handle, token, 60_000) }, 0);
    }
}
