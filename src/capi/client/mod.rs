//! `MQTTClient_*`: the synchronous interface.
