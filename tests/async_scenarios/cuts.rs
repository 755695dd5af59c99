//! Nothing is lost, doubled or put out of order by connections that are cut at any moment.

#[test]
fn twenty_cuts() {
    crate::async_support::cuts::survive(20, 0);
}
