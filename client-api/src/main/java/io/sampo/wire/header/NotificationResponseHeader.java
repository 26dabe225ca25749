package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;

/**
 * The answer to 200054.
 *
 * @param hasMessage whether a pop would find something
 * @param pollingFull whether it could not wait, because too many do
 */
public record NotificationResponseHeader(boolean hasMessage, boolean pollingFull)
    implements CommandHeader {
  @Override
  public void writeFields(FieldWriter out) {
    out.field("hasMsg", hasMessage).field("pollingFull", pollingFull);
  }
}
