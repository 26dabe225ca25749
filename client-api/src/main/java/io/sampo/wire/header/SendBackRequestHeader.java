package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * A message that a consumer failed (36): the group is to get it again later.
 *
 * @param offset the physical offset of the message's record, the only thing that says which it is
 * @param delayLevel 0 when the broker decides, above it the level of the delay table, below it to
 *     give the message up at once
 * @param maxReconsumeTimes after how many tries the group gives it up; negative when not given
 */
public record SendBackRequestHeader(
    long offset, String group, int delayLevel, int maxReconsumeTimes) implements CommandHeader {
  private static final int NO_MAXIMUM = -1;

  public static SendBackRequestHeader read(HeaderFields fields) {
    return new SendBackRequestHeader(
        fields.int64("offset"),
        fields.name("group"),
        fields.int32("delayLevel"),
        fields.int32("maxReconsumeTimes", NO_MAXIMUM));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("offset", offset).field("group", group).field("delayLevel", delayLevel);
    if (maxReconsumeTimes >= 0) {
      out.field("maxReconsumeTimes", maxReconsumeTimes);
    }
  }
}
