//! Nothing is lost, doubled or put out of order by connections that are cut at any moment, ten thousand times.

/// Twenty clients with a broker each, because each waits most of the time to connect again.
#[test]
#[ignore = "takes long; part of make soak"]
fn soak_ten_thousand_cuts() {
    std::thread::scope(|scope| {
        for number in 0..20 {
            scope.spawn(move || crate::async_support::cuts::survive(500, number));
        }
    });
}
