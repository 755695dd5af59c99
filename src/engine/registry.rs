//! Handles: the values that programs hold for clients. A stale, foreign or NULL handle finds nothing.
//!
//! Clients stand in numbered places. A look-up takes the lock of one place, never one that all calls share.

use super::client::Client;
use crate::locks::Mutex;
use std::sync::{Arc, OnceLock};

const PLACES_IN_A_BLOCK: usize = 256;
const BLOCKS: usize = 4096;
/// A handle is the generation of its place, the place's number and a mark that keeps it apart from pointers and small
/// numbers.
const INDEX_BITS: u32 = if usize::BITS == 64 { 32 } else { 16 };
const MARK: usize = 0b11;
const MARK_BITS: u32 = 2;

#[derive(Default)]
struct Place {
    generation: usize,
    client: Option<Arc<Client>>,
}

type Block = [Mutex<Place>; PLACES_IN_A_BLOCK];

/// Blocks are made when needed and stay.
static TABLE: [OnceLock<Box<Block>>; BLOCKS] = [const { OnceLock::new() }; BLOCKS];
static FREE: Mutex<FreePlaces> = Mutex::new(FreePlaces { returned: Vec::new(), used: 0 });

struct FreePlaces {
    returned: Vec<usize>,
    used: usize,
}

impl FreePlaces {
    fn take(&mut self) -> Option<usize> {
        self.returned.pop().or_else(|| {
            let index = self.used;
            let limit = (PLACES_IN_A_BLOCK * BLOCKS).min(1 << (INDEX_BITS - MARK_BITS));
            (index < limit).then(|| self.used += 1).map(|()| index)
        })
    }
}

fn place(index: usize) -> Option<&'static Mutex<Place>> {
    TABLE.get(index / PLACES_IN_A_BLOCK)?.get()?.get(index % PLACES_IN_A_BLOCK)
}

fn made_place(index: usize) -> Option<&'static Mutex<Place>> {
    let block = TABLE.get(index / PLACES_IN_A_BLOCK)?;
    block
        .get_or_init(|| {
            Box::new([const { Mutex::new(Place { generation: 0, client: None }) }; PLACES_IN_A_BLOCK])
        })
        .get(index % PLACES_IN_A_BLOCK)
}

fn split(handle: usize) -> Option<(usize, usize)> {
    let index = (handle & ((1 << INDEX_BITS) - 1)) >> MARK_BITS;
    (handle & ((1 << MARK_BITS) - 1) == MARK).then_some((index, handle >> INDEX_BITS))
}

/// Gives the client a handle, never 0. None: there are a million clients already.
pub fn register(client: Arc<Client>) -> Option<usize> {
    let index = FREE.lock().take()?;
    client.set_index(index);
    let mut place = made_place(index)?.lock();
    place.generation = (place.generation + 1) & ((1 << (usize::BITS - INDEX_BITS)) - 1);
    place.client = Some(client);
    Some(place.generation << INDEX_BITS | index << MARK_BITS | MARK)
}

/// The client behind a handle.
#[inline]
pub fn lookup(handle: usize) -> Option<Arc<Client>> {
    let (index, generation) = split(handle)?;
    let place = place(index)?.lock();
    place.client.as_ref().filter(|_| place.generation == generation).cloned()
}

/// The client in a place, whatever its generation. For events, which carry the number of the place.
pub(super) fn at(index: usize) -> Option<Arc<Client>> {
    place(index)?.lock().client.clone()
}

/// Makes the handle stale. The caller destroys the client.
pub fn unregister(handle: usize) -> Option<Arc<Client>> {
    let (index, generation) = split(handle)?;
    let client = {
        let mut place = place(index)?.lock();
        if place.generation != generation {
            return None;
        }
        place.client.take()?
    };
    FREE.lock().returned.push(index);
    Some(client)
}

/// All clients there are now, for `MQTTClient_yield`.
pub(super) fn all() -> Vec<Arc<Client>> {
    let used = FREE.lock().used;
    (0..used).filter_map(at).collect()
}
