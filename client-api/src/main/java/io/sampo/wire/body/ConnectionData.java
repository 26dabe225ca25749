package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sampo.wire.Languages;

/**
 * A client's connection, as tools are told of it.
 *
 * @param address "ip:port" at the client's side
 * @param language the ordinal that the client names
 * @param version of its protocol
 */
public record ConnectionData(String clientId, String address, int language, int version) {
  ObjectNode toNode() {
    ObjectNode node = BodyJson.object();
    node.put("clientAddr", address);
    node.put("clientId", clientId);
    node.put("language", Languages.nameOf(language));
    node.put("version", version);
    return node;
  }
}
