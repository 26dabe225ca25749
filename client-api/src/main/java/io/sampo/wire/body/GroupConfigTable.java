package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * All subscription groups (the answer to 201).
 *
 * @param revision grows with each change; tools compare it
 * @param groups in the order in which they are written
 */
public record GroupConfigTable(long revision, List<GroupConfigData> groups) {
  public GroupConfigTable {
    groups = List.copyOf(groups);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such a table
   */
  public static GroupConfigTable fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a table of groups");
    return new GroupConfigTable(
        root.path("dataVersion").path("counter").asLong(),
        BodyJson.list(root, "subscriptionGroupTable", GroupConfigData::fromNode));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putVersion(root, revision);
    ObjectNode byName = root.putObject("subscriptionGroupTable");
    groups.forEach(group -> byName.set(group.name(), group.toNode()));
    return BodyJson.write(root);
  }
}
