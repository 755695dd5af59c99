//! Generated property lists, strings and options.

use paho_c_rs::protocol::{
    PacketId, Properties, Property, PropertyId, PropertyType, PropertyValue, PropertyView, QoS, ReasonCode,
    SubscribeOptions, Version,
};
use proptest::prelude::*;
use proptest::{collection, option, sample};

/// A property with values of its own.
#[derive(Clone, Debug)]
struct OwnedProperty {
    id: PropertyId,
    number: u32,
    first: Vec<u8>,
    second: Vec<u8>,
}

impl OwnedProperty {
    fn push_to(&self, list: &mut Properties) {
        let value = match self.id.property_type() {
            PropertyType::Byte => PropertyValue::Byte(self.number as u8 & 1),
            PropertyType::TwoByteInteger => PropertyValue::TwoByteInteger((self.number as u16).max(1)),
            PropertyType::FourByteInteger => PropertyValue::FourByteInteger(self.number.max(1)),
            PropertyType::VariableByteInteger => {
                PropertyValue::VariableByteInteger((self.number & 0x0FFF_FFFF).max(1))
            }
            PropertyType::BinaryData => PropertyValue::BinaryData(&self.first),
            PropertyType::Utf8String => PropertyValue::Utf8String(&self.first),
            PropertyType::Utf8StringPair => PropertyValue::Utf8StringPair(&self.first, &self.second),
        };
        list.push(&Property { id: self.id, value }).expect("fits");
    }
}

/// Lists in any order: some of `single` once each, some of `repeatable` and user properties several times.
pub(crate) fn properties(
    single: &'static [PropertyId],
    repeatable: &'static [PropertyId],
) -> impl Strategy<Value = Properties> {
    let mut many = repeatable.to_vec();
    many.push(PropertyId::UserProperty);
    let once = sample::subsequence(single.to_vec(), 0..=single.len());
    (once, collection::vec(sample::select(many), 0..4))
        .prop_map(|(once, many)| [once, many].concat())
        .prop_shuffle()
        .prop_flat_map(|ids| ids.into_iter().map(owned_property).collect::<Vec<_>>())
        .prop_map(|list| {
            let mut properties = Properties::new();
            list.iter().for_each(|property| property.push_to(&mut properties));
            properties
        })
}

fn owned_property(id: PropertyId) -> impl Strategy<Value = OwnedProperty> {
    (any::<u32>(), 0_u32..29, text(), text()).prop_map(move |(number, shift, first, second)| OwnedProperty {
        id,
        number: number >> shift,
        first,
        second,
    })
}

/// What of a property list the version puts on the wire.
pub(crate) fn on_the_wire(properties: &Properties, version: Version) -> PropertyView<'_> {
    if version == Version::V5 { properties.view() } else { PropertyView::empty() }
}

/// Strings with any characters, U+0000 and the empty string among them.
pub(crate) fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        collection::vec(any::<char>(), 0..30)
            .prop_map(|characters| String::from_iter(characters).into_bytes()),
        (0_usize..300).prop_map(|length| vec![b'x'; length]),
    ]
}

/// Strings that are not empty.
pub(crate) fn filter() -> impl Strategy<Value = Vec<u8>> {
    text().prop_filter("not empty", |text| !text.is_empty())
}

/// Topic names: not empty, no wildcards.
pub(crate) fn topic() -> impl Strategy<Value = Vec<u8>> {
    filter()
        .prop_map(|text| text.into_iter().map(|b| if b == b'+' || b == b'#' { b'/' } else { b }).collect())
}

/// Any bytes.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![collection::vec(any::<u8>(), 0..60), (0_usize..20_000).prop_map(|length| vec![0xA5; length]),]
}

/// Bytes or nothing.
pub(crate) fn optional_bytes() -> impl Strategy<Value = Option<Vec<u8>>> {
    option::of(collection::vec(any::<u8>(), 0..60))
}

/// Every level.
pub(crate) fn qos() -> impl Strategy<Value = QoS> {
    sample::select(vec![QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
}

/// Every identifier.
pub(crate) fn packet_id() -> impl Strategy<Value = PacketId> {
    (1..=u16::MAX).prop_map(super::id)
}

/// Every byte, success more often.
pub(crate) fn reason() -> impl Strategy<Value = ReasonCode> {
    prop_oneof![Just(ReasonCode::SUCCESS), any::<u8>().prop_map(ReasonCode)]
}

/// Every combination that is allowed for any filter.
pub(crate) fn options() -> impl Strategy<Value = SubscribeOptions> {
    (qos(), any::<bool>(), 0_u8..3).prop_map(|(maximum_qos, retain_as_published, retain_handling)| {
        SubscribeOptions { maximum_qos, no_local: false, retain_as_published, retain_handling }
    })
}
