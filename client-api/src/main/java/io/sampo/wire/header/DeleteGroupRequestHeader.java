package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Deletes a subscription group (207).
 *
 * @param cleanOffset whether its offsets are to go as well; tools 4.9 say removeOffset
 */
public record DeleteGroupRequestHeader(String group, boolean cleanOffset) implements CommandHeader {
  public static DeleteGroupRequestHeader read(HeaderFields fields) {
    return new DeleteGroupRequestHeader(
        fields.text("groupName"),
        fields.bool("cleanOffset", false) || fields.bool("removeOffset", false));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("groupName", group).field("cleanOffset", cleanOffset);
  }
}
