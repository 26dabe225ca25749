package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A membership as it lies in a log.
 *
 * <pre>
 *   version 1 | voters 2 | V x { disk 8 | name bytes 2 | name of the node } | learners 2 | the same
 * </pre>
 *
 * <p>Stateless.
 */
final class MembershipContent {
  private static final byte VERSION = 1;
  private static final int COUNT_MAX = Short.MAX_VALUE;

  private MembershipContent() {}

  static ByteBuffer encode(Membership membership) {
    ByteBuffer content =
        ByteBuffer.allocate(1 + sizeOf(membership.voters()) + sizeOf(membership.learners()));
    content.put(VERSION);
    put(content, membership.voters());
    put(content, membership.learners());
    return content.flip();
  }

  private static int sizeOf(List<ReplicaId> replicas) {
    int sizeBytes = Short.BYTES;
    for (ReplicaId replica : replicas) {
      sizeBytes += Long.BYTES + Short.BYTES + name(replica).length;
    }
    return sizeBytes;
  }

  private static byte[] name(ReplicaId replica) {
    return replica.node().getBytes(StandardCharsets.UTF_8);
  }

  private static void put(ByteBuffer content, List<ReplicaId> replicas) {
    content.putShort(countOf(replicas.size(), "replicas"));
    for (ReplicaId replica : replicas) {
      byte[] name = name(replica);
      content.putLong(replica.disk()).putShort(countOf(name.length, "bytes of a name")).put(name);
    }
  }

  private static short countOf(int count, String what) {
    if (count > COUNT_MAX) {
      throw new IllegalArgumentException(
          "expected at most " + COUNT_MAX + " " + what + ", found " + count);
    }
    return (short) count;
  }

  /**
   * Reads a membership.
   *
   * @throws IllegalArgumentException when it isn't one; its checksum says that it was written so
   */
  static Membership decode(ByteBuffer content) {
    try {
      ByteBuffer in = content.duplicate();
      byte version = in.get();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "expected a membership of version " + VERSION + ", found version " + version);
      }
      Membership membership = new Membership(take(in), take(in));
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(
            "expected the end of " + membership + ", found " + in.remaining() + " bytes more");
      }
      return membership;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("expected a membership, found a part of one", e);
    }
  }

  private static List<ReplicaId> take(ByteBuffer in) {
    int count = in.getShort();
    List<ReplicaId> replicas = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long disk = in.getLong();
      byte[] name = new byte[Math.max(0, in.getShort())];
      in.get(name);
      replicas.add(new ReplicaId(new String(name, StandardCharsets.UTF_8), disk));
    }
    return replicas;
  }
}
