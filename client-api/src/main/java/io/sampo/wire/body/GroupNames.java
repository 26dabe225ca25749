package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;

/**
 * Names of groups (the answer to 300).
 *
 * @param groups each once
 */
public record GroupNames(List<String> groups) {
  public GroupNames {
    groups = List.copyOf(groups);
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putList(root, "groupList", groups, TextNode::valueOf);
    return BodyJson.write(root);
  }
}
