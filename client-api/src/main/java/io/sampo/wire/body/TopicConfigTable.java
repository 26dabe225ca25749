package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * All topics (the answer to 21).
 *
 * @param revision grows with each change; tools compare it
 * @param topics in the order in which they are written
 */
public record TopicConfigTable(long revision, List<TopicConfigData> topics) {
  public TopicConfigTable {
    topics = List.copyOf(topics);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such a table
   */
  public static TopicConfigTable fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a table of topics");
    return new TopicConfigTable(
        root.path("dataVersion").path("counter").asLong(),
        BodyJson.list(root, "topicConfigTable", TopicConfigData::fromNode));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putVersion(root, revision);
    ObjectNode byName = root.putObject("topicConfigTable");
    topics.forEach(topic -> byName.set(topic.name(), topic.toNode()));
    return BodyJson.write(root);
  }
}
