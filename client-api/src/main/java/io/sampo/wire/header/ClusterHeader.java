package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/** Names a cluster (224). */
public record ClusterHeader(String cluster) implements CommandHeader {
  public static ClusterHeader read(HeaderFields fields) {
    return new ClusterHeader(fields.text("cluster"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("cluster", cluster);
  }
}
