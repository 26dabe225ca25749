package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * The answer to 200054.
 *
 * @param hasMessage whether a pop would find something
 * @param pollingFull whether it could not wait, because too many do
 */
public record NotificationResponseHeader(boolean hasMessage, boolean pollingFull)
    implements CommandHeader {
  public static NotificationResponseHeader read(HeaderFields fields) {
    return new NotificationResponseHeader(
        fields.bool("hasMsg", false), fields.bool("pollingFull", false));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("hasMsg", hasMessage).field("pollingFull", pollingFull);
  }
}
