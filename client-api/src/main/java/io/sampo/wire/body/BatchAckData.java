package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.buffer.ByteBuf;
import io.sampo.wire.BadBodyException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The body of a batch of acknowledgements (200151): messages that were popped together. */
public record BatchAckData(List<PoppedTogether> acks) {
  public BatchAckData {
    acks = List.copyOf(acks);
  }

  /**
   * Messages of one pop.
   *
   * @param offsets ascending
   */
  public record PoppedTogether(
      String group, String topic, int queueId, long popTimeMs, List<Long> offsets) {
    public PoppedTogether {
      offsets = List.copyOf(offsets);
    }

    /** The offsets are the bits of a set, counted from the first offset of the pop. */
    private static PoppedTogether fromNode(JsonNode node) {
      long startOffset = node.path("so").asLong();
      BitSet bits = bits(node.path("b"));
      List<Long> offsets = new ArrayList<>();
      for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
        offsets.add(startOffset + bit);
      }
      return new PoppedTogether(
          BodyJson.text(node, "c"),
          BodyJson.text(node, "t"),
          node.path("q").asInt(-1),
          node.path("pt").asLong(),
          offsets);
    }

    private static BitSet bits(JsonNode node) {
      try {
        byte[] bytes = node.binaryValue();
        if (bytes != null) {
          return BitSet.valueOf(bytes);
        }
      } catch (IOException e) {
        throw new BadBodyException("the acknowledged offsets are not in base64", e);
      }
      throw new BadBodyException("the acknowledged offsets are missing", null);
    }
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws BadBodyException when it isn't such a batch
   */
  public static BatchAckData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a batch of acknowledgements");
    return new BatchAckData(BodyJson.list(root, "acks", PoppedTogether::fromNode));
  }
}
