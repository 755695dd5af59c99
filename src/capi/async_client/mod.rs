//! `MQTTAsync_*`: the asynchronous interface.
