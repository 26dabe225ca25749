package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.Held;
import io.sampo.storage.log.CorruptLogException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Framing;
import org.apache.pekko.util.ByteString;

/**
 * What goes over the connection from a follower to its leader, and back. All numbers are
 * big-endian.
 *
 * <pre>
 *   +--------+-------------+--------+------+--------+----------------------+
 *   | length | header size | crc32c | kind | header | frames of a log      |
 *   +--------+-------------+--------+------+--------+----------------------+
 *   4        2             4        1               up to length
 * </pre>
 *
 * <ul>
 *   <li><b>length</b> counts what follows it.
 *   <li><b>crc32c</b> is of kind and header. The frames of a log have checksums of their own, which
 *       are checked here, so that nobody behind this sees a damaged byte.
 * </ul>
 *
 * <p>The follower begins with {@link Hello} and goes on with {@link Fetch} and {@link Held}; the
 * leader answers with {@link Fetched}, and says {@link #alive()} when it has said nothing for a
 * while. Stateless.
 */
final class ReplicationWire {
  /** The most that a follower says at a time. */
  static final int FOLLOWER_FRAME_BYTES_MAX = 4096;

  private static final int MAGIC = 0x534D5252; // "SMRR"
  private static final int VERSION = 1;
  private static final int LENGTH_BYTES = 4;
  private static final int PREFIX_BYTES = LENGTH_BYTES + 2 + 4 + 1;

  private static final byte KIND_HELLO = 1;
  private static final byte KIND_FETCH = 2;
  private static final byte KIND_HELD = 3;
  private static final byte KIND_FETCHED = 4;
  private static final byte KIND_ALIVE = 5;

  /** The other side doesn't keep to this, or a byte was damaged on the way. */
  static final class BrokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenException(String message) {
      super(message);
    }
  }

  /**
   * Who connects, and to whom.
   *
   * @param clusterId of the follower's cluster
   * @param follower the replica that connects
   * @param leader the replica that it means
   * @param logGroup the log group of both
   */
  record Hello(String clusterId, ReplicaId follower, ReplicaId leader, String logGroup) {}

  private ReplicationWire() {}

  /** Cuts a stream of bytes into frames; fails when one is longer than that. */
  static Flow<ByteString, ByteString, NotUsed> framing(int frameBytesMax) {
    return Framing.lengthField(LENGTH_BYTES, 0, frameBytesMax, ByteOrder.BIG_ENDIAN);
  }

  /** The longest frame that a leader sends whose log takes batches so long. */
  static int leaderFrameBytesMax(int batchBytesMax) {
    return (int) Math.min(Integer.MAX_VALUE, (long) batchBytesMax + FOLLOWER_FRAME_BYTES_MAX);
  }

  static ByteString encode(Hello hello) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeInt(VERSION);
      out.writeUTF(hello.clusterId());
      out.writeUTF(hello.follower().node());
      out.writeLong(hello.follower().disk());
      out.writeUTF(hello.leader().node());
      out.writeLong(hello.leader().disk());
      out.writeUTF(hello.logGroup());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return frame(KIND_HELLO, ByteBuffer.wrap(bytes.toByteArray()), 0);
  }

  static ByteString encode(Fetch fetch) {
    ByteBuffer header = ByteBuffer.allocate(5 * Long.BYTES + 1);
    header.putLong(fetch.epoch()).putLong(fetch.id()).putLong(fetch.end());
    header.putLong(fetch.lastEpoch()).putLong(fetch.held());
    header.put((byte) (fetch.mayWait() ? 1 : 0));
    return frame(KIND_FETCH, header.flip(), 0);
  }

  static ByteString encode(Held held) {
    ByteBuffer header = ByteBuffer.allocate(2 * Long.BYTES);
    header.putLong(held.epoch()).putLong(held.position());
    return frame(KIND_HELD, header.flip(), 0);
  }

  /** Doesn't copy the frames of the log. */
  static ByteString encode(Fetched fetched) {
    Frames frames = fetched.frames();
    ByteBuffer bytes = ReplicaFrames.bytes(frames);
    ByteBuffer header = ByteBuffer.allocate(5 * Long.BYTES);
    header.putLong(fetched.epoch()).putLong(fetched.id());
    header.putLong(fetched.sourceEnd()).putLong(fetched.commit());
    header.putLong(frames.position());
    return frame(KIND_FETCHED, header.flip(), bytes.remaining()).concat(of(bytes));
  }

  static ByteString alive() {
    return frame(KIND_ALIVE, ByteBuffer.allocate(0), 0);
  }

  private static ByteString of(ByteBuffer bytes) {
    return bytes.hasArray()
        ? ByteString.fromArrayUnsafe(
            bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining())
        : ByteString.fromByteBuffer(bytes);
  }

  private static ByteString frame(byte kind, ByteBuffer header, int followingBytes) {
    int headerBytes = header.remaining();
    ByteBuffer frame = ByteBuffer.allocate(PREFIX_BYTES + headerBytes);
    frame.putInt(PREFIX_BYTES - LENGTH_BYTES + headerBytes + followingBytes);
    frame.putShort((short) headerBytes);
    frame.putInt(0).put(kind).put(header);
    frame.putInt(LENGTH_BYTES + 2, crcOf(frame.array(), PREFIX_BYTES - 1, 1 + headerBytes));
    return ByteString.fromArrayUnsafe(frame.array());
  }

  private static int crcOf(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /** Reads the first frame of a follower. */
  static Hello decodeHello(ByteString frame) {
    Received received = Received.of(frame);
    received.expect(KIND_HELLO);
    ByteBuffer header = received.header;
    byte[] bytes = new byte[header.remaining()];
    header.get(bytes);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int magic = in.readInt();
      int version = in.readInt();
      if (magic != MAGIC || version != VERSION) {
        throw new BrokenException(
            "expected a replica of version " + VERSION + ", found " + version);
      }
      return new Hello(
          in.readUTF(),
          new ReplicaId(in.readUTF(), in.readLong()),
          new ReplicaId(in.readUTF(), in.readLong()),
          in.readUTF());
    } catch (IOException e) {
      throw new BrokenException("the first frame says too little: " + e);
    }
  }

  /** Reads what a follower says after its first frame. */
  static ReplicaMessage decodeFromFollower(ByteString frame) {
    Received received = Received.of(frame);
    ByteBuffer header = received.header;
    if (received.kind == KIND_FETCH) {
      received.expectHeader(5 * Long.BYTES + 1);
      return new Fetch(
          header.getLong(),
          header.getLong(),
          header.getLong(),
          header.getLong(),
          header.getLong(),
          header.get() == 1);
    }
    received.expect(KIND_HELD);
    received.expectHeader(2 * Long.BYTES);
    return new Held(header.getLong(), header.getLong());
  }

  /** True when a leader only says that it is there. */
  static boolean isAlive(ByteString frame) {
    return frame.length() >= PREFIX_BYTES && frame.apply(PREFIX_BYTES - 1) == KIND_ALIVE;
  }

  /** Reads what else a leader says, and checks the frames of its log. */
  static Fetched decodeFromLeader(ByteString frame) {
    Received received = Received.of(frame);
    received.expect(KIND_FETCHED);
    received.expectHeader(5 * Long.BYTES);
    ByteBuffer header = received.header;
    long epoch = header.getLong();
    long id = header.getLong();
    long sourceEnd = header.getLong();
    long commit = header.getLong();
    long position = header.getLong();
    try {
      Frames frames = ReplicaFrames.check(position, received.rest);
      return new Fetched(epoch, id, frames, sourceEnd, commit);
    } catch (CorruptLogException e) {
      throw new BrokenException("what came of the log was damaged: " + e.getMessage());
    }
  }

  /** A frame whose checksum was checked. */
  private record Received(byte kind, ByteBuffer header, ByteBuffer rest) {
    static Received of(ByteString frame) {
      byte[] bytes = frame.toArrayUnsafe();
      if (bytes.length < PREFIX_BYTES) {
        throw new BrokenException("a frame of " + bytes.length + " bytes is none");
      }
      ByteBuffer all = ByteBuffer.wrap(bytes);
      int headerBytes = all.getShort(LENGTH_BYTES) & 0xffff;
      int restAt = PREFIX_BYTES + headerBytes;
      if (restAt > bytes.length) {
        throw new BrokenException("a header of " + headerBytes + " bytes leaves its frame");
      }
      int crc = crcOf(bytes, PREFIX_BYTES - 1, 1 + headerBytes);
      if (crc != all.getInt(LENGTH_BYTES + 2)) {
        throw new BrokenException("a frame has a bad checksum");
      }
      return new Received(
          bytes[PREFIX_BYTES - 1],
          ByteBuffer.wrap(bytes, PREFIX_BYTES, headerBytes),
          all.position(restAt).slice());
    }

    void expect(byte expected) {
      if (kind != expected) {
        throw new BrokenException("expected a frame of kind " + expected + ", found " + kind);
      }
    }

    void expectHeader(int size) {
      if (header.remaining() != size) {
        throw new BrokenException(
            "expected a header of %d bytes, found %d".formatted(size, header.remaining()));
      }
    }
  }
}
