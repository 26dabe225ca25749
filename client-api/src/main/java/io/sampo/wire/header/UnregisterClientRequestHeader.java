package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * A client leaves a producer group, a consumer group or both (35).
 *
 * @param clientId who leaves
 */
public record UnregisterClientRequestHeader(
    String clientId, @Nullable String producerGroup, @Nullable String consumerGroup)
    implements CommandHeader {
  public static UnregisterClientRequestHeader read(HeaderFields fields) {
    return new UnregisterClientRequestHeader(
        fields.text("clientID"), fields.find("producerGroup"), fields.find("consumerGroup"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("clientID", clientId)
        .field("producerGroup", producerGroup)
        .field("consumerGroup", consumerGroup);
  }
}
