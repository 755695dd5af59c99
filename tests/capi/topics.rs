//! `MQTTExt.h`: the codes of topics and filters, and their texts.

use crate::support::c_interface::*;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

fn topic(text: &CStr) -> c_int {
    unsafe { MQTTExt_validateTopic(text.as_ptr()) }
}

fn filter(text: &CStr) -> c_int {
    unsafe { MQTTExt_validateFilter(text.as_ptr()) }
}

fn matches(filter: &CStr, topic: &CStr) -> c_int {
    unsafe { MQTTExt_matches(filter.as_ptr(), topic.as_ptr()) }
}

#[test]
fn each_fault_of_a_topic_and_of_a_filter_has_its_own_code() {
    let too_long = CString::new(vec![b'a'; 65_536]).unwrap();
    for (text, as_topic, as_filter) in [
        (c"a/b", 0, 0),
        (c"/", 0, 0),
        (c"$SYS/a", 0, 0),
        (c"", -41, -41),
        (c"a/\xff", -5, -5),
        (&too_long, -5, -5),
        (c"a/+/b", -42, 0),
        (c"#", -42, 0),
        (c"a/b#", -42, -43),
        (c"#/a", -42, -43),
        (c"$share/g/a", 0, 0),
        (c"$share/g", 0, -44),
        (c"$share//a", 0, -44),
    ] {
        assert_eq!((topic(text), filter(text)), (as_topic, as_filter), "{text:?}");
    }
    let null = unsafe { (MQTTExt_validateTopic(ptr::null()), MQTTExt_validateFilter(ptr::null())) };
    assert_eq!(null, (-6, -6));
}

#[test]
fn a_filter_matches_or_not_and_what_is_invalid_has_its_code() {
    assert_eq!(matches(c"house/+/temperature", c"house/kitchen/temperature"), 1);
    assert_eq!(matches(c"house/#", c"house"), 1);
    assert_eq!(matches(c"$share/group/house/#", c"house/kitchen"), 1);
    assert_eq!(matches(c"#", c"$SYS/uptime"), 0);
    assert_eq!(matches(c"house", c"house/kitchen"), 0);
    assert_eq!(matches(c"house#", c"house"), -43);
    assert_eq!(matches(c"house#", c"house/#"), -42);
    assert_eq!(unsafe { MQTTExt_matches(ptr::null(), c"a".as_ptr()) }, -6);
    assert_eq!(unsafe { MQTTExt_matches(c"a".as_ptr(), ptr::null()) }, -6);
}

#[test]
fn the_parts_of_a_shared_subscription_lie_in_the_filter() {
    let parts = |text: &CStr| {
        let start = text.as_ptr();
        let (mut group, mut length, mut inner) = (ptr::dangling::<c_char>(), 77, ptr::dangling::<c_char>());
        let code = unsafe { MQTTExt_shareParts(start, &raw mut group, &raw mut length, &raw mut inner) };
        (code, group, length, inner, start)
    };
    let (code, group, length, inner, start) = parts(c"$share/workers/jobs/+");
    assert_eq!((code, length), (1, 7));
    assert_eq!((group, inner), (start.wrapping_add(7), start.wrapping_add(15)));
    let (code, group, length, inner, start) = parts(c"jobs/+");
    assert_eq!((code, group, length, inner), (0, ptr::null(), 0, start));
    let (code, group, length, inner, _) = parts(c"$share/workers");
    assert_eq!((code, group, length, inner), (-44, ptr::dangling(), 77, ptr::dangling()), "unchanged");
    let null = ptr::null_mut();
    assert_eq!(unsafe { MQTTExt_shareParts(c"$share/g/a".as_ptr(), null, ptr::null_mut(), null) }, 1);
    assert_eq!(unsafe { MQTTExt_shareParts(ptr::null(), null, ptr::null_mut(), null) }, -6);
}

#[test]
fn each_code_has_a_text_of_its_own() {
    let text = |code| unsafe { CStr::from_ptr(MQTTExt_strerror(code)) }.to_str().unwrap().to_owned();
    let mut texts: Vec<String> = (-48..=-41).chain([0, -1, -5, -6]).map(text).collect();
    assert!(texts.iter().all(|text| !text.is_empty() && !text.starts_with("Unknown")), "{texts:?}");
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 12);
    assert_eq!(text(-40), "Unknown error code -40");
}
