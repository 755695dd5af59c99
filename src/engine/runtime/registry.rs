//! Handles: the values that applications hold for clients. A stale, foreign or NULL handle finds nothing.
//!
//! Numbers are used in rotation, so that the handle of a client that is gone belongs to another one only after all others
//! have. A look-up takes the lock of one place, never one that all calls share.

use crate::engine::runtime::handle_memory::HandleMemory;
use crate::locks::{Hold, Mutex};
use std::sync::{Arc, OnceLock};

/// An object that can be registered: it knows its number.
pub(in crate::engine) trait Numbered: Send + Sync + 'static {
    /// Its number in the registry.
    fn number(&self) -> usize;
    /// It is being registered under this number.
    fn set_number(&self, number: usize);
}

/// The clients of the process, by handle.
pub(in crate::engine) struct Registry<C: Numbered> {
    /// Made with the first handle.
    memory: OnceLock<HandleMemory<Mutex<Place<C>>>>,
    numbers: Mutex<Numbers<Place<C>>>,
}

/// The place of a client. As many are made as there are clients at the same time; they stay.
pub(in crate::engine) struct Place<C> {
    handle: usize,
    client: Option<Arc<C>>,
}

/// The numbers and places that are free.
struct Numbers<P: 'static> {
    /// The number to try next.
    next: usize,
    free: Vec<&'static Mutex<P>>,
    places: Vec<&'static Mutex<P>>,
}

impl<P> Numbers<P> {
    const fn new() -> Numbers<P> {
        Numbers { next: 0, free: Vec::new(), places: Vec::new() }
    }

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

    fn place(&mut self, make: impl FnOnce() -> P) -> &'static Mutex<P> {
        self.free.pop().unwrap_or_else(|| {
            let place: &Mutex<P> = Box::leak(Box::new(Mutex::new(make())));
            self.places.push(place);
            place
        })
    }
}

impl<C> Place<C> {
    const EMPTY: Place<C> = Place { handle: 0, client: None };

    #[inline]
    fn client_of(&self, handle: usize) -> Option<Arc<C>> {
        // The place may have become that of another client meanwhile.
        self.client.as_ref().filter(|_| self.handle == handle).cloned()
    }
}

impl<C: Numbered> Registry<C> {
    pub(in crate::engine) const fn new() -> Registry<C> {
        Registry { memory: OnceLock::new(), numbers: Mutex::new(Numbers::new()) }
    }

    /// Gives the client a handle, never 0. `None`: there are as many clients as there can be, a million mostly.
    pub(in crate::engine) fn register(&self, client: Arc<C>) -> Option<usize> {
        let mut numbers = self.numbers.lock();
        let memory = match self.memory.get() {
            Some(memory) => memory,
            None => HandleMemory::reserve().map(|memory| self.memory.get_or_init(|| memory))?,
        };
        let number = numbers.take(memory)?;
        let (place, handle) = (numbers.place(|| Place::EMPTY), memory.handle(number));
        client.set_number(number);
        *place.lock() = Place { handle, client: Some(client) };
        memory.set(number, Some(place));
        Some(handle)
    }

    /// The client of a handle.
    #[inline]
    pub(in crate::engine) fn lookup(&self, handle: usize) -> Option<Arc<C>> {
        let memory = self.memory.get()?;
        memory.get(memory.number(handle))?.lock().client_of(handle)
    }

    /// The client with this number. For events, which carry it.
    #[inline]
    pub(in crate::engine) fn at(&self, number: usize) -> Option<Arc<C>> {
        let memory = self.memory.get()?;
        memory.get(number)?.lock().client_of(memory.handle(number))
    }

    /// Makes the handle stale. The caller destroys the client.
    pub(in crate::engine) fn unregister(&self, handle: usize) -> Option<Arc<C>> {
        let mut numbers = self.numbers.lock();
        let memory = self.memory.get()?;
        let number = memory.number(handle);
        let place = memory.get(number)?;
        let client = std::mem::replace(&mut *place.lock(), Place::EMPTY).client;
        memory.set(number, None);
        numbers.free.push(place);
        client
    }

    /// All clients there are now.
    pub(in crate::engine) fn all(&self) -> Vec<Arc<C>> {
        let places = self.numbers.lock().places.clone();
        Registry::clients_in(&places)
    }

    /// Takes the lock of the numbers for a fork: from then on no client comes and none goes. The places there are.
    pub(in crate::engine) fn hold(&'static self, hold: &mut Hold) -> Vec<&'static Mutex<Place<C>>> {
        hold.take_and_look(&self.numbers, |numbers| numbers.places.clone()).unwrap_or_default()
    }

    /// The clients in these places.
    pub(in crate::engine) fn clients_in(places: &[&'static Mutex<Place<C>>]) -> Vec<Arc<C>> {
        places.iter().filter_map(|place| place.lock().client.clone()).collect()
    }

    /// Takes the locks of the places for a fork.
    pub(in crate::engine) fn hold_places(hold: &mut Hold, places: &[&'static Mutex<Place<C>>]) {
        places.iter().for_each(|place| {
            hold.take(place);
        });
    }

    /// In a forked child: this client cannot be used here, so its handle is none. It is not dropped, because a thread of the
    /// parent was at work on it.
    pub(in crate::engine) fn forget(&self, client: &C) {
        let place = self.memory.get().and_then(|memory| memory.get(client.number()));
        std::mem::forget(place.map(|place| std::mem::replace(&mut *place.lock(), Place::EMPTY)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_returns_only_after_all_others() {
        static USED: u32 = 0;
        let memory = HandleMemory::of_size(64 << 10).unwrap();
        let mut numbers = Numbers::<()>::new();
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
        let mut numbers = Numbers::<()>::new();
        while let Some(number) = numbers.take(&memory) {
            memory.set(number, Some(&USED));
        }
        assert!((0..memory.count()).all(|number| memory.get(number).is_some()));
        memory.set(9, None);
        assert_eq!(numbers.take(&memory), Some(9));
    }
}
