package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Texts by name (the answer to 28); tools read numbers from them. */
public record TextTable(Map<String, String> texts) {
  public TextTable {
    texts = Map.copyOf(texts);
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    ObjectNode table = root.putObject("table");
    texts.forEach(table::put);
    return BodyJson.write(root);
  }
}
