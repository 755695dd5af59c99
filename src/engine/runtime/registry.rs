//! Handles: the values that applications hold for clients. A stale, foreign or NULL handle finds nothing.
//!
//! Numbers are used in rotation, so that the handle of a client that is gone belongs to another one only after all others
//! have. A look-up takes the lock of one place, never one that all calls share.

use crate::engine::client::Client;
use crate::engine::runtime::handle_memory::HandleMemory;
use crate::locks::{Hold, Mutex, MutexGuard};
use std::sync::{Arc, OnceLock};

/// Where a client is. As many are made as there are clients at the same time; they stay.
#[derive(Default)]
pub(in crate::engine) struct Place {
    handle: usize,
    client: Option<Arc<Client>>,
}

/// Made with the first handle.
static MEMORY: OnceLock<HandleMemory<Mutex<Place>>> = OnceLock::new();
static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers { next: 0, free: Vec::new(), places: Vec::new() });

/// Which numbers and places are free.
struct Numbers {
    /// The number to try next.
    next: usize,
    free: Vec<&'static Mutex<Place>>,
    places: Vec<&'static Mutex<Place>>,
}

impl Numbers {
    /// The next free number; `None` if there is none.
    fn take<T: Sync>(&mut self, memory: &HandleMemory<T>) -> Option<usize> {
        for _ in 0..memory.count() {
            let number = self.next;
            memory.begin(number);
            self.next = if number + 1 == memory.count() { 0 } else { number + 1 };
            if memory.get(number).is_none() {
                return Some(number);
            }
        }
        None
    }

    fn place(&mut self) -> &'static Mutex<Place> {
        self.free.pop().unwrap_or_else(|| {
            let place: &Mutex<Place> = Box::leak(Box::default());
            self.places.push(place);
            place
        })
    }
}

/// The memory of the handles. The caller has the lock of the numbers.
fn memory(_numbers: &MutexGuard<'_, Numbers>) -> Option<&'static HandleMemory<Mutex<Place>>> {
    match MEMORY.get() {
        Some(memory) => Some(memory),
        None => HandleMemory::reserve().map(|memory| MEMORY.get_or_init(|| memory)),
    }
}

/// Gives the client a handle, never 0. `None`: there are as many clients as there can be, a million mostly.
pub fn register(client: Arc<Client>) -> Option<usize> {
    let mut numbers = NUMBERS.lock();
    let memory = memory(&numbers)?;
    let number = numbers.take(memory)?;
    let (place, handle) = (numbers.place(), memory.handle(number));
    client.set_index(number);
    *place.lock() = Place { handle, client: Some(client) };
    memory.set(number, Some(place));
    Some(handle)
}

/// The client of a handle.
#[inline]
pub fn lookup(handle: usize) -> Option<Arc<Client>> {
    let memory = MEMORY.get()?;
    client_in(memory.get(memory.number(handle))?, handle)
}

/// The client with this number. For events, which carry it.
#[inline]
pub(in crate::engine) fn at(number: usize) -> Option<Arc<Client>> {
    let memory = MEMORY.get()?;
    client_in(memory.get(number)?, memory.handle(number))
}

#[inline]
fn client_in(place: &Mutex<Place>, handle: usize) -> Option<Arc<Client>> {
    let place = place.lock();
    // The place may have become that of another client meanwhile.
    place.client.as_ref().filter(|_| place.handle == handle).cloned()
}

/// Makes the handle stale. The caller destroys the client.
pub fn unregister(handle: usize) -> Option<Arc<Client>> {
    let mut numbers = NUMBERS.lock();
    let memory = MEMORY.get()?;
    let number = memory.number(handle);
    let place = memory.get(number)?;
    let client = std::mem::take(&mut *place.lock()).client;
    memory.set(number, None);
    numbers.free.push(place);
    client
}

/// All clients there are now, for `MQTTClient_yield`.
pub(in crate::engine) fn all() -> Vec<Arc<Client>> {
    let places = NUMBERS.lock().places.clone();
    clients_in(&places)
}

/// Takes the lock of the numbers for a fork: from then on no client comes and none goes. The places there are.
pub(in crate::engine) fn hold(hold: &mut Hold) -> Vec<&'static Mutex<Place>> {
    hold.take_and_look(&NUMBERS, |numbers| numbers.places.clone()).unwrap_or_default()
}

/// The clients in these places.
pub(in crate::engine) fn clients_in(places: &[&'static Mutex<Place>]) -> Vec<Arc<Client>> {
    places.iter().filter_map(|place| place.lock().client.clone()).collect()
}

/// Takes the locks of the places for a fork.
pub(in crate::engine) fn hold_places(hold: &mut Hold, places: &[&'static Mutex<Place>]) {
    places.iter().for_each(|place| {
        hold.take(place);
    });
}

/// In a forked child: this client cannot be used here, so its handle is none. It is not dropped, because a thread of the
/// parent was at work on it.
pub(in crate::engine) fn forget(client: &Client) {
    let place = MEMORY.get().and_then(|memory| memory.get(client.index()));
    std::mem::forget(place.map(|place| std::mem::take(&mut *place.lock())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_returns_only_after_all_others() {
        static USED: u32 = 0;
        let memory = HandleMemory::of_size(64 << 10).unwrap();
        let mut numbers = Numbers { next: 0, free: Vec::new(), places: Vec::new() };
        let stays = numbers.take(&memory).unwrap();
        memory.set(stays, Some(&USED));
        let others: Vec<usize> = (1..memory.count()).map(|_| numbers.take(&memory).unwrap()).collect();
        assert!(!others.contains(&stays), "it is in use");
        let again: Vec<usize> = (1..memory.count()).map(|_| numbers.take(&memory).unwrap()).collect();
        assert_eq!(others, again);
        let mut different = others;
        different.dedup();
        assert_eq!(different.len(), memory.count() - 1);
    }

    #[test]
    fn there_is_no_number_left_when_all_are_in_use() {
        static USED: u32 = 0;
        let memory = HandleMemory::of_size(64 << 10).unwrap();
        let mut numbers = Numbers { next: 0, free: Vec::new(), places: Vec::new() };
        while let Some(number) = numbers.take(&memory) {
            memory.set(number, Some(&USED));
        }
        assert!((0..memory.count()).all(|number| memory.get(number).is_some()));
        memory.set(9, None);
        assert_eq!(numbers.take(&memory), Some(9));
    }
}
