package io.sampo.record;

/**
 * Where each field of a record lies. Integers are big-endian, text is UTF-8.
 *
 * <pre>
 *   0  int32  total size, this field included
 *   4  int32  magic: V1 or V2
 *   8  int32  CRC-32 of the body, 31 bits
 *  12  int32  queue id
 *  16  int32  user flag
 *  20  int64  queue offset
 *  28  int64  physical offset
 *  36  int32  system flag
 *  40  int64  born timestamp, ms
 *  48  4 | 16 born address (16 when the system flag has BORN_IPV6), then int32 port
 *      int64  store timestamp, ms
 *      4 | 16 store address (16 when the system flag has STORE_IPV6), then int32 port
 *      int32  reconsume times
 *      int64  prepared transaction offset
 *      int32  body size, body
 *      int8 (V1) | int16 (V2)  topic size, topic
 *      int16  properties size, properties
 * </pre>
 */
final class RecordLayout {
  static final int MAGIC_V1 = 0xDAA320A7;
  static final int MAGIC_V2 = 0xDAA320AB;

  static final int MAGIC_AT = 4;
  static final int BODY_CRC_AT = MAGIC_AT + 4;
  static final int QUEUE_ID_AT = BODY_CRC_AT + 4;
  static final int FLAG_AT = QUEUE_ID_AT + 4;
  static final int QUEUE_OFFSET_AT = FLAG_AT + 4;
  static final int PHYSICAL_OFFSET_AT = QUEUE_OFFSET_AT + 8;
  static final int SYS_FLAG_AT = PHYSICAL_OFFSET_AT + 8;
  static final int BORN_TIMESTAMP_AT = SYS_FLAG_AT + 4;
  static final int BORN_HOST_AT = BORN_TIMESTAMP_AT + 8;

  static final int IPV4_HOST_BYTES = 4 + 4;
  static final int IPV6_HOST_BYTES = 16 + 4;

  /** Everything but hosts, body, topic and properties; the sizes of these three are counted. */
  static final int FIXED_BYTES_V1 = BORN_HOST_AT + 8 + 4 + 8 + 4 + 1 + 2;

  static final int FIXED_BYTES_V2 = FIXED_BYTES_V1 + 1;

  /** The size of a V1 topic is a signed byte. */
  static final int TOPIC_BYTES_MAX_V1 = Byte.MAX_VALUE;

  static final int TOPIC_BYTES_MAX_V2 = Short.MAX_VALUE;
  static final int PROPERTIES_BYTES_MAX = Short.MAX_VALUE;

  private RecordLayout() {}

  static int hostBytes(boolean ipv6) {
    return ipv6 ? IPV6_HOST_BYTES : IPV4_HOST_BYTES;
  }
}
