//! When to send PINGREQ, and when a silent server counts as gone.

use super::Moment;

/// What is to be done now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Nothing,
    Ping,
    Close,
}

/// A PINGREQ without answer.
#[derive(Clone, Copy, Debug)]
struct Ping {
    /// Where it ends in the outgoing byte stream.
    position: u64,
    written: bool,
    /// When it was written. Before that: when it was queued, or when the bytes before it last made progress.
    waits_since: Moment,
    /// When the last one was queued, or one more was left out.
    queued_at: Moment,
}

/// The keep-alive of one connection. All times follow from its interval:
///
/// * 7/8 of it without a byte written, or all of it without a byte received: PINGREQ;
/// * while nothing is read on purpose, PINGREQ goes out as before and the answer is not waited for; a server that takes
///   nothing of what waits for it, PINGREQ at its end, for 1.5 times the interval is gone all the same;
/// * 1.5 times it without an answer to PINGREQ and without any byte received: the server is gone. Or, if asked for:
///   1.5 times it without any byte received, PINGREQ having been sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeepAlive {
    /// Milliseconds; 0: off.
    interval: u64,
    /// See [`super::ConnectOptions::prompt_loss`].
    prompt: bool,
    last_sent: Moment,
    last_received: Moment,
    ping: Option<Ping>,
    /// Since when nothing is read, because this side has enough to do.
    unread_since: Option<Moment>,
}

/// What a prompt close leaves for PINGRESP beside half an interval, milliseconds.
const GRACE: u64 = 800;

impl KeepAlive {
    /// Starts with an interval in seconds.
    pub(super) fn start(&mut self, now: Moment, seconds: u16, prompt: bool) {
        let interval = u64::from(seconds) * 1000;
        *self = KeepAlive { interval, prompt, last_sent: now, last_received: now, ..KeepAlive::default() };
    }

    #[inline]
    pub(super) fn received(&mut self, now: Moment) {
        self.last_received = now;
    }

    /// From now on nothing is read, unless that is so already.
    pub(super) fn reading_stopped(&mut self, now: Moment) {
        self.unread_since.get_or_insert(now);
    }

    pub(super) fn is_reading_stopped(&self) -> bool {
        self.unread_since.is_some()
    }

    /// Reading continues. From now on the server's answers are waited for.
    pub(super) fn reading_resumed(&mut self, now: Moment) {
        if self.unread_since.take().is_some() {
            self.last_received = now;
        }
    }

    /// Without an interval, while nothing is read: since when the server has taken nothing, if there was something to take.
    #[inline]
    pub(super) fn stalled_since(&self) -> Option<Moment> {
        let unread_since = self.unread_since.filter(|_| self.interval == 0)?;
        Some(unread_since.max(self.last_sent))
    }

    /// Bytes went out; `position`: how many on this connection until now.
    #[inline]
    pub(super) fn written(&mut self, now: Moment, position: u64) {
        self.last_sent = now;
        if let Some(ping) = self.ping.as_mut().filter(|ping| !ping.written) {
            ping.written = position >= ping.position;
            ping.waits_since = now;
        }
    }

    /// PINGREQ was queued; `position`: where it ends in the byte stream.
    pub(super) fn ping_queued(&mut self, now: Moment, position: u64) {
        match &mut self.ping {
            // The answer to the first one is still due.
            Some(ping) => ping.queued_at = now,
            None => {
                self.ping = Some(Ping { position, written: false, waits_since: now, queued_at: now });
            }
        }
    }

    /// PINGRESP came.
    pub(super) fn answered(&mut self) {
        self.ping = None;
    }

    /// When to look again; `None`: never. Traffic only moves it to later.
    #[inline]
    pub(super) fn deadline(&self) -> Option<Moment> {
        let ping_at = (self.interval != 0).then(|| self.ping_at())?;
        Some(self.close_at().map_or(ping_at, |close_at| close_at.min(ping_at)))
    }

    /// What is due. A PINGREQ that is due is left out while another is waiting to be written: a second one
    /// would be useless.
    pub(super) fn check(&mut self, now: Moment) -> Action {
        if self.interval == 0 {
            return Action::Nothing;
        }
        if self.close_at().is_some_and(|close_at| now >= close_at) {
            return Action::Close;
        }
        if now < self.ping_at() {
            return Action::Nothing;
        }
        match &mut self.ping {
            Some(ping) if !ping.written => {
                ping.queued_at = now;
                Action::Nothing
            }
            _ => Action::Ping,
        }
    }

    fn close_at(&self) -> Option<Moment> {
        // While nothing is read PINGRESP cannot be seen, but whether the server takes PINGREQ can.
        let ping = self.ping.filter(|ping| self.unread_since.is_none() || !ping.written)?;
        if self.prompt {
            // While PINGREQ cannot leave, bytes that make progress count.
            let last_sign =
                if ping.written { self.last_received } else { self.last_received.max(self.last_sent) };
            return Some(last_sign.plus_millis(self.interval + self.interval / 2 + GRACE));
        }
        Some(ping.waits_since.max(self.last_received).plus_millis(self.interval + self.interval / 2))
    }

    fn ping_at(&self) -> Moment {
        // The standard wants a packet within each interval; the eighth is for a timer that fires late.
        let send_gap = self.interval - self.interval / 8;
        match self.ping {
            // Only to keep the server content while the answer is awaited.
            Some(ping) => self.last_sent.max(ping.queued_at).plus_millis(send_gap),
            None => {
                let silence = self.last_received.plus_millis(self.interval);
                self.last_sent.plus_millis(send_gap).min(silence)
            }
        }
    }
}
