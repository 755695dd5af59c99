//! A private mosquitto on a loopback port chosen by the system.

use super::wait::LIMIT;
use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A directory of this test's own; removed with all that is in it when dropped.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new(purpose: &str) -> Directory {
        Directory::below(&std::env::temp_dir(), purpose)
    }

    /// In memory, where the system has room there: for tests that write many files, but no programs.
    pub(crate) fn in_memory(purpose: &str) -> Directory {
        const ENOUGH: u64 = 1 << 30;
        let memory = Path::new("/dev/shm");
        let has_room =
            rustix::fs::statvfs(memory).is_ok_and(|about| about.f_bavail * about.f_frsize >= ENOUGH);
        let is_writable = rustix::fs::access(memory, rustix::fs::Access::WRITE_OK).is_ok();
        if has_room && is_writable { Directory::below(memory, purpose) } else { Directory::new(purpose) }
    }

    fn below(parent: &Path, purpose: &str) -> Directory {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("paho-c-rs-{purpose}-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory of its own");
        Directory(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running mosquitto; killed when dropped, or when the thread that started it ends.
pub(crate) struct Mosquitto {
    process: Child,
    port: u16,
    directory: Directory,
}

impl Mosquitto {
    pub(crate) fn start() -> Mosquitto {
        Mosquitto::start_with("")
    }

    /// With further lines of configuration.
    pub(crate) fn start_with(configuration: &str) -> Mosquitto {
        for _ in 0..20 {
            if let Some(started) = Mosquitto::try_start(configuration) {
                return started;
            }
        }
        panic!("mosquitto did not start on any of 20 free ports");
    }

    fn try_start(configuration: &str) -> Option<Mosquitto> {
        let directory = Directory::new("mosquitto");
        let port = free_port();
        let lines = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n\
             max_queued_messages 0\nmax_inflight_messages 0\nuser root\n{configuration}\n"
        );
        let file = directory.join("mosquitto.conf");
        fs::write(&file, lines).unwrap();
        let mut command = Command::new(mosquitto_program());
        command.arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(fs::File::create(directory.join("log")).unwrap());
        die_with_parent(&mut command);
        let process = command.spawn().expect("mosquitto is installed");
        let mut started = Mosquitto { process, port, directory };
        started.wait_until_it_answers().then_some(started)
    }

    /// False if it ended instead: somebody else took the port.
    fn wait_until_it_answers(&mut self) -> bool {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            if self.log().contains(" running") && TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        panic!("mosquitto does not answer: {}", self.log());
    }

    pub(crate) fn log(&self) -> String {
        let mut text = String::new();
        let mut file = fs::File::open(self.directory.join("log")).unwrap();
        let _ = file.read_to_string(&mut text);
        text
    }

    /// With a second listener on a port of its own, which the lines that come from `configuration` set up. Its port.
    pub(crate) fn start_with_listener(configuration: impl Fn(u16) -> String) -> (Mosquitto, u16) {
        for _ in 0..20 {
            let port = free_port();
            let lines = format!("listener {port} 127.0.0.1\n{}", configuration(port));
            if let Some(started) = Mosquitto::try_start(&lines) {
                return (started, port);
            }
        }
        panic!("mosquitto did not start with a second listener on any of 20 free ports");
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn uri(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Lets the kernel end the process when the thread that starts it is gone, however that ends.
pub(crate) fn die_with_parent(command: &mut Command) {
    let set = || {
        // SAFETY: prctl with these arguments changes nothing but the signal of this process.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        Ok(())
    };
    // SAFETY: the closure makes one system call and touches no memory.
    unsafe { command.pre_exec(set) };
}

fn mosquitto_program() -> PathBuf {
    let beside = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto"];
    let found = beside.iter().map(PathBuf::from).find(|path| path.exists());
    found.unwrap_or_else(|| PathBuf::from("mosquitto"))
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
