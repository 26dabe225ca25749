package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;

/**
 * Brings a producer the reply that it waits for (326); the body is the reply's.
 *
 * @param reply as it was sent
 * @param bornHost "host:port" of who sent it
 * @param storeHost "host:port" of the broker that passes it on
 * @param storeTimestampMs when it did, milliseconds since the epoch
 */
public record ReplyMessageRequestHeader(
    SendRequestHeader reply, String bornHost, String storeHost, long storeTimestampMs)
    implements CommandHeader {
  @Override
  public void writeFields(FieldWriter out) {
    out.field("producerGroup", reply.producerGroup())
        .field("topic", reply.topic())
        .field("defaultTopic", reply.defaultTopic())
        .field("defaultTopicQueueNums", reply.defaultTopicQueues())
        .field("queueId", reply.queueId())
        .field("sysFlag", reply.sysFlag())
        .field("bornTimestamp", reply.bornTimestampMs())
        .field("flag", reply.flag())
        .utf8("properties", reply.properties())
        .field("reconsumeTimes", reply.reconsumeTimes())
        .field("unitMode", reply.unitMode())
        .field("bornHost", bornHost)
        .field("storeHost", storeHost)
        .field("storeTimestamp", storeTimestampMs);
  }
}
