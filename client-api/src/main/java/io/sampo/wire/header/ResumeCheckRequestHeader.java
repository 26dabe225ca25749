package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * An operator wants the producers of a half message asked again (323).
 *
 * @param topic of the message; null when not given
 * @param messageId the offset message id of the half message
 */
public record ResumeCheckRequestHeader(@Nullable String topic, String messageId)
    implements CommandHeader {
  public static ResumeCheckRequestHeader read(HeaderFields fields) {
    return new ResumeCheckRequestHeader(fields.find("topic"), fields.text("msgId"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic).field("msgId", messageId);
  }
}
