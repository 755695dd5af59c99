//! Topics and topic filters.

use paho_c_rs::protocol::{Shared, TopicFault, check_filter, check_topic, filter_matches};
use proptest::prelude::*;

/// The examples of the standard (4.7.1 and 4.7.2), and the edges.
const MATCHES: [(&str, &str, bool); 26] = [
    ("sport/tennis/player1/#", "sport/tennis/player1", true),
    ("sport/tennis/player1/#", "sport/tennis/player1/ranking", true),
    ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
    ("sport/#", "sport", true),
    ("sport/#", "sports", false),
    ("#", "a", true),
    ("#", "/", true),
    ("sport/tennis/+", "sport/tennis/player1", true),
    ("sport/tennis/+", "sport/tennis/player1/ranking", false),
    ("sport/+", "sport", false),
    ("sport/+", "sport/", true),
    ("+/+", "/finance", true),
    ("/+", "/finance", true),
    ("+", "/finance", false),
    ("#", "$SYS/monitor/Clients", false),
    ("+/monitor/Clients", "$SYS/monitor/Clients", false),
    ("$SYS/#", "$SYS/monitor/Clients", true),
    ("$SYS/monitor/+", "$SYS/monitor/Clients", true),
    ("a/+/c", "a/b/c", true),
    ("a/+/c", "a//c", true),
    ("a/b", "a/b/", false),
    ("a/b/", "a/b", false),
    ("A", "a", false),
    ("$share/consumers/sport/+", "sport/tennis", true),
    ("$share/consumers/#", "$SYS/x", false),
    ("$shared/+", "$shared/x", true),
];

#[test]
fn filters_match_as_the_standard_says() {
    for (filter, topic, expected) in MATCHES {
        assert_eq!(filter_matches(filter.as_bytes(), topic.as_bytes()), Ok(expected), "{filter} and {topic}");
    }
}

#[test]
fn invalid_topics_are_refused_with_the_reason() {
    let too_long = vec![b'a'; 65_536];
    for (topic, fault) in [
        (&b""[..], TopicFault::Empty),
        (b"a/+", TopicFault::HasWildcard),
        (b"a#", TopicFault::HasWildcard),
        (b"a\0b", TopicFault::BadString),
        (b"a\xff", TopicFault::BadString),
        (&too_long, TopicFault::BadString),
    ] {
        assert_eq!(check_topic(topic), Err(fault));
    }
    for topic in ["/", "a//b", "$SYS/x", "ä/ö", " "] {
        assert_eq!(check_topic(topic.as_bytes()), Ok(()), "{topic}");
    }
    assert_eq!(check_topic(&too_long[1..]), Ok(()));
}

#[test]
fn invalid_filters_are_refused_with_the_reason() {
    for (filter, fault) in [
        ("", TopicFault::Empty),
        ("a/#/b", TopicFault::MisplacedWildcard),
        ("a#", TopicFault::MisplacedWildcard),
        ("a+/b", TopicFault::MisplacedWildcard),
        ("##", TopicFault::MisplacedWildcard),
        ("$share/", TopicFault::BadShare),
        ("$share/group", TopicFault::BadShare),
        ("$share/group/", TopicFault::BadShare),
        ("$share//a", TopicFault::BadShare),
        ("$share/gr+up/a", TopicFault::BadShare),
        ("$share/group/a#", TopicFault::MisplacedWildcard),
    ] {
        assert_eq!(check_filter(filter.as_bytes()), Err(fault), "{filter}");
    }
    assert_eq!(check_filter(b"a\xff"), Err(TopicFault::BadString));
    for filter in ["#", "+", "/", "+/+/#", "$share", "$sharing/x", "a//#"] {
        assert_eq!(check_filter(filter.as_bytes()), Ok(None), "{filter}");
    }
}

#[test]
fn the_parts_of_a_shared_subscription_are_found() {
    let shared = Shared { group: b"workers", filter: b"/jobs/+" };
    assert_eq!(check_filter(b"$share/workers//jobs/+"), Ok(Some(shared)));
}

/// Matching as the standard words it, by recursion over the levels.
fn matches_by_levels(filter: &[&str], topic: &[&str]) -> bool {
    match (filter, topic) {
        (["#"], _) | ([], []) => true,
        (["+", filter @ ..], [_, topic @ ..]) => matches_by_levels(filter, topic),
        ([level, filter @ ..], [given, topic @ ..]) => level == given && matches_by_levels(filter, topic),
        _ => false,
    }
}

proptest! {
    #[test]
    fn random_filters_match_as_their_levels_do(
        filter in prop::collection::vec(prop::sample::select(vec!["", "a", "b", "+"]), 1..5),
        ends_with_hash in any::<bool>(),
        topic in prop::collection::vec(prop::sample::select(vec!["", "a", "b"]), 1..5),
    ) {
        let mut filter = filter;
        if ends_with_hash {
            filter.push("#");
        }
        let (text, name) = (filter.join("/"), topic.join("/"));
        prop_assume!(!text.is_empty() && !name.is_empty());
        prop_assert_eq!(
            filter_matches(text.as_bytes(), name.as_bytes()),
            Ok(matches_by_levels(&filter, &topic))
        );
    }

    #[test]
    fn random_bytes_are_judged_without_a_panic(filter: Vec<u8>, topic: Vec<u8>) {
        let valid = check_filter(&filter).is_ok() && check_topic(&topic).is_ok();
        prop_assert_eq!(filter_matches(&filter, &topic).is_ok(), valid);
    }
}
