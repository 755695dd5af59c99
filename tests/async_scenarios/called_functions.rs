//! The functions that are called inside callbacks, with what they answer there.

use super::*;

/// One function: its name, a call of it, and its result on a client that is connected, not connected, gone.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) call: fn(&Scene) -> c_int,
    pub(super) results: [c_int; 3],
}

const fn function(name: &'static str, call: fn(&Scene) -> c_int, results: [c_int; 3]) -> Function {
    Function { name, call, results }
}

pub(super) const FUNCTIONS: [Function; 27] = [
    function("isConnected", |scene| unsafe { MQTTAsync_isConnected(scene.handle()) }, [1, 0, 0]),
    function("isComplete", |scene| unsafe { MQTTAsync_isComplete(scene.handle(), 999) }, [1, 1, -1]),
    function("waitForCompletion", wait_for_completion, [0, -3, -1]),
    function("waitForCompletion of a new message", wait_for_a_message, [0, -3, -1]),
    function("getPendingTokens", get_pending_tokens, [0, 0, -1]),
    function(
        "send, QoS 0",
        |scene| scene.witness.send(&scene.borrowed(), "in", 0, scene.version),
        [0, -3, -1],
    ),
    function(
        "send, QoS 1",
        |scene| scene.witness.send(&scene.borrowed(), "in", 1, scene.version),
        [0, -3, -1],
    ),
    function(
        "send, QoS 2",
        |scene| scene.witness.send(&scene.borrowed(), "in", 2, scene.version),
        [0, -3, -1],
    ),
    function("sendMessage", send_message, [0, -3, -1]),
    function(
        "subscribe",
        |scene| scene.witness.subscribe(&scene.borrowed(), "in", scene.version),
        [0, -3, -1],
    ),
    function("subscribeMany", subscribe_many, [0, -3, -1]),
    function(
        "unsubscribe",
        |scene| scene.witness.unsubscribe(&scene.borrowed(), "in", scene.version),
        [0, -3, -1],
    ),
    function("unsubscribeMany", unsubscribe_many, [0, -3, -1]),
    function("connect", connect, [0, 0, -1]),
    function("reconnect", |scene| unsafe { MQTTAsync_reconnect(scene.handle()) }, [0, 0, -1]),
    function("disconnect", |scene| scene.witness.disconnect(&scene.borrowed(), "in", 0), [0, -3, -1]),
    function(
        "disconnect with time",
        |scene| scene.witness.disconnect(&scene.borrowed(), "in", 3000),
        [0, -3, -1],
    ),
    function("disconnect and connect", disconnect_and_connect, [0, 0, -1]),
    function("setCallbacks", set_callbacks, [0, 0, -1]),
    function("single setters", set_each, [0, 0, -1]),
    function("hooks", set_hooks, [0, 0, -1]),
    function("create and destroy", create_and_destroy, [0; 3]),
    function("another client's session", another_session, [0; 3]),
    function("what needs no client", without_client, [0; 3]),
    function("trace", set_trace, [0; 3]),
    function("destroy", destroy, [0; 3]),
    function("disconnect and destroy", disconnect_and_destroy, [0; 3]),
];

fn wait_for_completion(scene: &Scene) -> c_int {
    unsafe { MQTTAsync_waitForCompletion(scene.handle(), 999, 20) }
}

/// Acknowledgements come while a callback runs.
fn wait_for_a_message(scene: &Scene) -> c_int {
    let mut response = scene.response("waited for");
    let handle = scene.handle();
    unsafe {
        let code =
            scene.counted(MQTTAsync_send(handle, c"t".as_ptr(), 0, ptr::null(), 1, 0, &raw mut response));
        if code != 0 { code } else { MQTTAsync_waitForCompletion(handle, response.token, 10_000) }
    }
}

fn get_pending_tokens(scene: &Scene) -> c_int {
    let mut tokens = ptr::null_mut();
    unsafe {
        let code = MQTTAsync_getPendingTokens(scene.handle(), &raw mut tokens);
        MQTTAsync_free(tokens.cast());
        code
    }
}

fn send_message(scene: &Scene) -> c_int {
    let mut response = scene.response("in");
    let message = message(b"in", 1);
    scene
        .counted(unsafe { MQTTAsync_sendMessage(scene.handle(), c"t".as_ptr(), &message, &raw mut response) })
}

fn subscribe_many(scene: &Scene) -> c_int {
    let mut response = scene.response("in");
    let (filters, qos) = ([c"a".as_ptr().cast_mut(), c"b".as_ptr().cast_mut()], [0, 1]);
    let (filters, qos) = (filters.as_ptr(), qos.as_ptr());
    scene.counted(unsafe { MQTTAsync_subscribeMany(scene.handle(), 2, filters, qos, &raw mut response) })
}

fn unsubscribe_many(scene: &Scene) -> c_int {
    let mut response = scene.response("in");
    let filters = [c"a".as_ptr().cast_mut(), c"b".as_ptr().cast_mut()];
    scene
        .counted(unsafe { MQTTAsync_unsubscribeMany(scene.handle(), 2, filters.as_ptr(), &raw mut response) })
}

fn connect(scene: &Scene) -> c_int {
    scene.witness.connect(&scene.borrowed(), "in", connect_options(scene.version))
}

fn disconnect_and_connect(scene: &Scene) -> c_int {
    let code = scene.witness.disconnect(&scene.borrowed(), "in", 0);
    let connected = connect(scene);
    if [0, -3].contains(&code) { connected } else { code }
}

pub(super) fn set_callbacks(scene: &Scene) -> c_int {
    let context = ptr::from_ref(scene).cast_mut().cast();
    let handle = scene.handle();
    unsafe { MQTTAsync_setCallbacks(handle, context, Some(lost), Some(arrived), Some(complete)) }
}

pub(super) fn set_each(scene: &Scene) -> c_int {
    let context = ptr::from_ref(scene).cast_mut().cast();
    let handle = scene.handle();
    unsafe {
        let codes = [
            MQTTAsync_setConnectionLostCallback(handle, context, Some(lost)),
            MQTTAsync_setMessageArrivedCallback(handle, context, Some(arrived)),
            MQTTAsync_setDeliveryCompleteCallback(handle, context, Some(complete)),
            MQTTAsync_setConnected(handle, context, Some(connected)),
            MQTTAsync_setDisconnected(handle, context, Some(disconnected)),
            MQTTAsync_setUpdateConnectOptions(handle, context, Some(update)),
        ];
        if codes == [codes[0]; 6] { codes[0] } else { -1000 }
    }
}

fn set_hooks(scene: &Scene) -> c_int {
    let handle = scene.handle();
    unsafe {
        let write = MQTTAsync_setBeforePersistenceWrite(handle, ptr::null_mut(), None);
        let read = MQTTAsync_setAfterPersistenceRead(handle, ptr::null_mut(), None);
        if write == read { write } else { -1000 }
    }
}

fn create_and_destroy(scene: &Scene) -> c_int {
    drop(Handle::to(&scene.uri, scene.version));
    0
}

/// Whatever happens to it while this callback runs is told later, and what is left is told by destroy.
fn another_session(scene: &Scene) -> c_int {
    let (witness, other) = (Witness::new(), Handle::to(&scene.uri, 4));
    witness.watch(&other);
    let code = witness.connect(&other, "other", connect_options(4));
    until("the other client's connection", || unsafe { MQTTAsync_isConnected(other.0) == 1 });
    let sent = witness.send(&other, "sent", 1, 4);
    until("the acknowledgement", || pending(&other).is_empty());
    let told = witness.close(other);
    // `connected` is not called any more; a delivery is reported with its result.
    if told == ["other: done", "complete 1", "sent: done"] { code + sent } else { panic!("{told:?}") }
}

fn without_client(_: &Scene) -> c_int {
    unsafe {
        let text = CStr::from_ptr(MQTTAsync_strerror(-3)) == c"Disconnected";
        let version = MQTTAsync_getVersionInfo();
        MQTTAsync_free(MQTTAsync_malloc(10));
        MQTTAsync_global_init(ptr::null_mut());
        if text && !version.is_null() { 0 } else { -1 }
    }
}

fn set_trace(_: &Scene) -> c_int {
    unsafe {
        MQTTAsync_setTraceCallback(None);
        MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    }
    0
}

pub(super) fn destroy(scene: &Scene) -> c_int {
    let mut handle = std::mem::replace(&mut scene.handle.lock().unwrap().0, ptr::null_mut());
    unsafe { MQTTAsync_destroy(&raw mut handle) };
    c_int::from(!handle.is_null())
}

fn disconnect_and_destroy(scene: &Scene) -> c_int {
    scene.witness.disconnect(&scene.borrowed(), "in", 5000);
    destroy(scene)
}
