package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.buffer.ByteBuf;
import io.sampo.wire.BadBodyException;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * The body of a batch of acknowledgements (200151): messages that were popped together. A few bytes
 * of it can stand for thousands of messages, so they are counted before anything is made of them.
 */
public record BatchAckData(List<PoppedTogether> acks) {
  /** Of one batch; official clients put some tens into one. */
  public static final int OFFSETS_MAX = 8192;

  /** How far the offsets of one pop may be apart, which a filter that lets little pass decides. */
  private static final int SPREAD_MAX = 64 * 1024;

  public BatchAckData {
    acks = List.copyOf(acks);
  }

  /**
   * Messages of one pop.
   *
   * @param offsets ascending
   */
  public record PoppedTogether(
      String group, String topic, int queueId, long popTimeMs, long[] offsets) {
    /** The offsets are the bits of a set, counted from the first offset of the pop. */
    private static PoppedTogether fromNode(JsonNode node, Room room) {
      return new PoppedTogether(
          BodyJson.text(node, "c"),
          BodyJson.text(node, "t"),
          node.path("q").asInt(-1),
          node.path("pt").asLong(),
          offsets(node.path("so").asLong(), bits(node.path("b")), room));
    }

    private static long[] offsets(long startOffset, BitSet bits, Room room) {
      if (startOffset < 0 || startOffset > Long.MAX_VALUE - SPREAD_MAX) {
        throw new BadBodyException("no pop starts at the offset " + startOffset, null);
      }
      long[] offsets = new long[room.take(bits.cardinality())];
      int count = 0;
      for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
        offsets[count++] = startOffset + bit;
      }
      return offsets;
    }

    private static BitSet bits(JsonNode node) {
      try {
        byte[] bytes = node.binaryValue();
        if (bytes != null) {
          checkSpread(bytes.length);
          return BitSet.valueOf(bytes);
        }
      } catch (IOException e) {
        throw new BadBodyException("the acknowledged offsets are not in base64", e);
      }
      throw new BadBodyException("the acknowledged offsets are missing", null);
    }

    private static void checkSpread(int bytes) {
      if (bytes > SPREAD_MAX / Byte.SIZE) {
        throw new BadBodyException(
            "the acknowledged offsets are more than " + SPREAD_MAX + " apart", null);
      }
    }
  }

  /** What is left of the offsets that a batch may have. */
  private static final class Room {
    private int left = OFFSETS_MAX;

    int take(int count) {
      left -= count;
      if (left < 0) {
        throw new BadBodyException(
            "more than " + OFFSETS_MAX + " messages are acknowledged at once", null);
      }
      return count;
    }
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws BadBodyException when it isn't such a batch, or acknowledges too much at once
   */
  public static BatchAckData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a batch of acknowledgements");
    Room room = new Room();
    return new BatchAckData(
        BodyJson.list(root, "acks", node -> PoppedTogether.fromNode(node, room)));
  }
}
