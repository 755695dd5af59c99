/* Uses what MQTTProperties.h, MQTTReasonCodes.h, MQTTSubscribeOpts.h and MQTTClientPersistence.h have. */

#if !defined(USES_SHARED_H)
#define USES_SHARED_H

static int open_store(void** handle, const char* clientID, const char* serverURI, void* context)
{
  (void)handle;
  (void)clientID;
  (void)serverURI;
  (void)context;
  return MQTTCLIENT_PERSISTENCE_ERROR;
}

static int put_record(void* handle, char* key, int bufcount, char* buffers[], int buflens[])
{
  (void)handle;
  (void)key;
  (void)bufcount;
  (void)buffers;
  (void)buflens;
  return 0;
}

static int use_shared(void)
{
  int count = 0;
  MQTTProperty property;
  struct MQTTProperties properties = MQTTProperties_initializer;
  struct MQTTSubscribe_options options = MQTTSubscribe_options_initializer;
  MQTTClient_persistence store = { NULL, open_store, NULL, put_record, NULL, NULL, NULL, NULL, NULL };
  enum MQTTReasonCodes reason = MQTTREASONCODE_NORMAL_DISCONNECTION;
  enum MQTTPropertyTypes type = MQTTPROPERTY_TYPE_BYTE;
  property.identifier = MQTTPROPERTY_CODE_USER_PROPERTY;
  property.value.byte = 1;
  property.value.integer2 = 1;
  property.value.integer4 = 1;
  property.value.data.data = NULL;
  property.value.data.len = 0;
  property.value.value.data = NULL;
  property.value.value.len = 0;
  count += properties.count + options.noLocal + (store.popen == NULL) + (reason != MQTTREASONCODE_SUCCESS);
  count += type != MQTTPROPERTY_TYPE_BYTE || property.value.data.len != 0;
  { const char* (*function)(enum MQTTPropertyCodes) = MQTTPropertyName; count += function != NULL; }
  { int (*function)(enum MQTTPropertyCodes) = MQTTProperty_getType; count += function != NULL; }
  { int (*function)(const MQTTProperties*) = MQTTProperties_len; count += function != NULL; }
  { int (*function)(MQTTProperties*, const MQTTProperty*) = MQTTProperties_add; count += function != NULL; }
  { void (*function)(MQTTProperties*) = MQTTProperties_free; count += function != NULL; }
  { MQTTProperties (*function)(const MQTTProperties*) = MQTTProperties_copy; count += function != NULL; }
  { int (*function)(const MQTTProperties*,
       enum MQTTPropertyCodes) = MQTTProperties_hasProperty; count += function != NULL; }
  { int (*function)(const MQTTProperties*,
       enum MQTTPropertyCodes) = MQTTProperties_propertyCount; count += function != NULL; }
  { int64_t (*function)(const MQTTProperties*,
       enum MQTTPropertyCodes) = MQTTProperties_getNumericValue; count += function != NULL; }
  { int64_t (*function)(const MQTTProperties*, enum MQTTPropertyCodes,
       int) = MQTTProperties_getNumericValueAt; count += function != NULL; }
  { MQTTProperty* (*function)(const MQTTProperties*,
       enum MQTTPropertyCodes) = MQTTProperties_getProperty; count += function != NULL; }
  { MQTTProperty* (*function)(const MQTTProperties*, enum MQTTPropertyCodes,
       int) = MQTTProperties_getPropertyAt; count += function != NULL; }
  { const char* (*function)(enum MQTTReasonCodes) = MQTTReasonCode_toString; count += function != NULL; }
  return count;
}

#endif
