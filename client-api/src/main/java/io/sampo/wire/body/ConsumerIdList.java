package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The members of a consumer group (the answer to 38).
 *
 * @param clientIds in no particular order: each client sorts them
 */
public record ConsumerIdList(List<String> clientIds) {
  public ConsumerIdList {
    clientIds = List.copyOf(clientIds);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such a list
   */
  public static ConsumerIdList fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a consumer id list");
    return new ConsumerIdList(BodyJson.list(root, "consumerIdList", JsonNode::asText));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putList(root, "consumerIdList", clientIds, TextNode::valueOf);
    return BodyJson.write(root);
  }
}
