package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * Creates or changes a topic (17).
 *
 * @param readQueues how many queues consumers see
 * @param writeQueues how many queues producers see
 * @param perm the PERM_ bits of {@code TopicRouteData}
 * @param filterType such as SINGLE_TAG
 * @param sysFlag passed through
 * @param order whether the tool marks it as ordered
 * @param attributes "+name=value" and "-name", separated by commas; null for no change
 */
public record CreateTopicRequestHeader(
    String topic,
    int readQueues,
    int writeQueues,
    int perm,
    String filterType,
    int sysFlag,
    boolean order,
    @Nullable String attributes)
    implements CommandHeader {
  /** The template is a required field and not looked at: everything is given here. */
  private static final String TEMPLATE = "TBW102";

  public static CreateTopicRequestHeader read(HeaderFields fields) {
    return new CreateTopicRequestHeader(
        fields.text("topic"),
        fields.int32("readQueueNums"),
        fields.int32("writeQueueNums"),
        fields.int32("perm"),
        fields.text("topicFilterType"),
        fields.int32("topicSysFlag", 0),
        fields.bool("order", false),
        fields.find("attributes"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic)
        .field("defaultTopic", TEMPLATE)
        .field("readQueueNums", readQueues)
        .field("writeQueueNums", writeQueues)
        .field("perm", perm)
        .field("topicFilterType", filterType)
        .field("topicSysFlag", sysFlag)
        .field("order", order)
        .field("attributes", attributes);
  }
}
