//! An application that takes part in authentications, as its callback is called, and the packets of the server.

use crate::support::c_interface::*;
use crate::support::packet::{packet, properties, string};
use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::Mutex;

pub(crate) const BEGIN: c_int = 0;
pub(crate) const CONTINUE: c_int = 1;
pub(crate) const RENEW: c_int = 2;
pub(crate) const COMPLETE: c_int = 3;

/// Answers in turn, each with the code that the callback returns, and the steps that came with their data.
#[derive(Default)]
pub(crate) struct Authenticator {
    answers: Mutex<Vec<(&'static [u8], c_int)>>,
    steps: Mutex<Vec<(c_int, Vec<u8>)>>,
}

impl Authenticator {
    pub(crate) fn new(answers: &[(&'static [u8], c_int)]) -> Box<Authenticator> {
        let answers = answers.iter().rev().copied().collect();
        Box::new(Authenticator { answers: Mutex::new(answers), steps: Mutex::default() })
    }

    pub(crate) fn context(&self) -> *mut c_void {
        ptr::from_ref(self).cast_mut().cast()
    }

    pub(crate) fn steps(&self) -> Vec<(c_int, Vec<u8>)> {
        self.steps.lock().unwrap().clone()
    }
}

pub(crate) unsafe extern "C" fn authenticate(
    context: *mut c_void,
    authentication: *mut MQTTExt_authentication,
) -> c_int {
    let authenticator = unsafe { &*context.cast::<Authenticator>() };
    let given = unsafe { &mut *authentication };
    assert_eq!(given.struct_id.map(|letter| letter as u8), *b"MQXA");
    assert_eq!(unsafe { CStr::from_ptr(given.method) }, c"METHOD");
    assert_eq!(given.reasonCode, if given.step == CONTINUE { 0x18 } else { 0 });
    assert!(given.answer.is_null() && given.answerLength == 0);
    let data = match given.data.is_null() {
        true => Vec::new(),
        false => unsafe { std::slice::from_raw_parts(given.data.cast(), given.dataLength as usize) }.to_vec(),
    };
    authenticator.steps.lock().unwrap().push((given.step, data));
    let (answer, code) = authenticator.answers.lock().unwrap().pop().unwrap();
    (given.answer, given.answerLength) = (answer.as_ptr().cast(), answer.len() as c_int);
    code
}

/// The properties with which both sides say method and data.
pub(crate) fn authentication(method: &[u8], data: &[u8]) -> Vec<u8> {
    let data = if data.is_empty() { Vec::new() } else { [&[22][..], &string(data)].concat() };
    [&[21][..], &string(method), &data].concat()
}

/// An AUTH packet.
pub(crate) fn auth(reason: u8, data: &[u8]) -> Vec<u8> {
    packet(0xf0, &[&[reason][..], &properties(5, &authentication(b"METHOD", data))].concat())
}
