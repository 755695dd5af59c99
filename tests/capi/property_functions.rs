//! The functions of `MQTTProperties.h` on NULL, on bad values, and on lists of every kind.

use crate::handle::NO_PROPERTIES;
use crate::support::c_interface::*;
use std::ffi::{c_char, c_int};
use std::ptr;

pub(crate) fn number(identifier: c_int, number: u32) -> MQTTProperty {
    MQTTProperty { identifier, value: MQTTProperty_value { integer4: number } }
}

pub(crate) fn text(identifier: c_int, data: &[u8]) -> MQTTProperty {
    pair(identifier, data, &[])
}

pub(crate) fn pair(identifier: c_int, name: &[u8], value: &[u8]) -> MQTTProperty {
    let string = |bytes: &[u8]| MQTTLenString {
        len: bytes.len() as c_int,
        data: bytes.as_ptr().cast_mut().cast::<c_char>(),
    };
    let texts = MQTTProperty_value_texts { data: string(name), value: string(value) };
    MQTTProperty { identifier, value: MQTTProperty_value { texts } }
}

fn add(list: &mut MQTTProperties, property: MQTTProperty) -> c_int {
    unsafe { MQTTProperties_add(list, &raw const property) }
}

#[test]
fn null_lists() {
    let null = ptr::null_mut();
    unsafe {
        assert_eq!(MQTTProperties_add(null, &number(1, 0)), -99);
        assert_eq!(MQTTProperties_add(&mut { NO_PROPERTIES }, ptr::null()), -6);
        assert_eq!(MQTTProperties_hasProperty(null, 1), 0);
        assert_eq!(MQTTProperties_propertyCount(null, 1), 0);
        assert_eq!(MQTTProperties_getNumericValue(null, 1), -9_999_999);
        assert!(MQTTProperties_getProperty(null, 1).is_null());
        assert_eq!(MQTTProperties_copy(null).count, 0);
        assert_eq!(MQTTProperties_len(null), 1);
        MQTTProperties_free(null);
    }
}

#[test]
fn values_that_cannot_be_sent() {
    let mut list = NO_PROPERTIES;
    for identifier in [0, 4, 43, -1, 256 + 1] {
        assert_eq!(add(&mut list, number(identifier, 0)), -2, "{identifier}");
    }
    assert_eq!(add(&mut list, number(11, 268_435_456)), -1);
    let long = vec![b'x'; 65_536];
    assert_eq!(add(&mut list, text(3, &long)), -1);
    assert_eq!(add(&mut list, text(9, &long)), -1);
    assert_eq!(add(&mut list, pair(38, b"", &long)), -1);
    assert_eq!(add(&mut list, pair(38, &long, b"")), -1);
    let mut wrong = text(3, b"abc");
    wrong.value.texts.data.len = -1;
    assert_eq!(add(&mut list, wrong), -1);
    wrong.value.texts.data = MQTTLenString { len: 1, data: ptr::null_mut() };
    assert_eq!(add(&mut list, wrong), -1);
    assert_eq!((list.count, list.length, list.array.is_null()), (0, 0, true));
    assert_eq!(add(&mut list, number(11, 268_435_455)), 0);
    assert_eq!(add(&mut list, text(3, &long[1..])), 0);
    assert_eq!((list.count, list.length), (2, 5 + 65_538));
    unsafe {
        assert_eq!(MQTTProperties_len(&raw const list), 65_543 + 3);
        MQTTProperties_free(&raw mut list);
        assert_eq!((list.count, list.max_count, list.length, list.array.is_null()), (0, 0, 0, true));
        MQTTProperties_free(&raw mut list);
    }
}

#[test]
fn lists_filled_by_hand() {
    let negative = MQTTProperties { count: -1, ..NO_PROPERTIES };
    let no_array = MQTTProperties { count: 3, ..NO_PROPERTIES };
    for list in [&negative, &no_array] {
        unsafe {
            assert_eq!(MQTTProperties_hasProperty(list, 1), 0);
            assert_eq!(MQTTProperties_copy(list).count, 0);
        }
    }
    let mut entries = [number(1, 1), number(99, 5)];
    let list = MQTTProperties { count: 2, max_count: 2, length: 2, array: entries.as_mut_ptr() };
    unsafe {
        assert_eq!(MQTTProperties_getNumericValue(&raw const list, 99), -999_999);
        let mut copy = MQTTProperties_copy(&raw const list);
        assert_eq!((copy.count, copy.max_count), (1, 10));
        MQTTProperties_free(&raw mut copy);
    }
}

#[test]
fn no_memory_is_tracked() {
    let info = unsafe { Heap_get_info().read() };
    assert_eq!((info.current_size, info.max_size), (0, 0));
}

/// How often the array of a list moves or grows while so many properties are added.
fn growths(count: usize) -> usize {
    let mut list = NO_PROPERTIES;
    let mut growths = 0;
    for _ in 0..count {
        let room = list.max_count;
        assert_eq!(add(&mut list, pair(38, b"k", b"")), 0);
        growths += usize::from(list.max_count != room);
        assert!(list.count <= list.max_count);
    }
    assert_eq!((list.count as usize, list.length as usize), (count, count * 6));
    let mut copy = unsafe { MQTTProperties_copy(&list) };
    assert_eq!((copy.count, copy.length), (list.count, list.length));
    unsafe {
        MQTTProperties_free(&mut copy);
        MQTTProperties_free(&mut list);
    }
    growths
}

#[test]
fn a_list_grows_in_proportion_to_its_length() {
    let mut list = NO_PROPERTIES;
    let mut rooms = Vec::new();
    for _ in 0..50 {
        assert_eq!(add(&mut list, number(11, 1)), 0);
        rooms.push(list.max_count);
    }
    unsafe { MQTTProperties_free(&mut list) };
    rooms.dedup();
    assert_eq!(rooms, [10, 20, 30, 40, 60]);
    // Twice as many entries take a few growths more, not twice as many.
    let (single, double) = (growths(100_000), growths(200_000));
    assert!(single < 40 && double <= single + 2, "{single} and {double} growths");
}
