package io.sampo.cluster.replication;

import io.sampo.cluster.net.BrokenFrameException;
import io.sampo.cluster.net.FrameConnection;
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
import java.util.zip.CRC32C;

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

  /** The longest frame that a leader sends whose log takes batches so long. */
  static int leaderFrameBytesMax(int batchBytesMax) {
    return (int) Math.min(Integer.MAX_VALUE, (long) batchBytesMax + FOLLOWER_FRAME_BYTES_MAX);
  }

  static ByteBuffer encode(Hello hello) {
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

  static ByteBuffer encode(Fetch fetch) {
    ByteBuffer header = ByteBuffer.allocate(5 * Long.BYTES + 1);
    header.putLong(fetch.epoch()).putLong(fetch.id()).putLong(fetch.end());
    header.putLong(fetch.lastEpoch()).putLong(fetch.held());
    header.put((byte) (fetch.mayWait() ? 1 : 0));
    return frame(KIND_FETCH, header.flip(), 0);
  }

  static ByteBuffer encode(Held held) {
    ByteBuffer header = ByteBuffer.allocate(2 * Long.BYTES);
    header.putLong(held.epoch()).putLong(held.position());
    return frame(KIND_HELD, header.flip(), 0);
  }

  /** Sends an answer, the frames of the log in it as they are. */
  static void send(Fetched fetched, FrameConnection to) {
    ByteBuffer records = ReplicaFrames.bytes(fetched.frames());
    to.send(headOf(fetched, records.remaining()), records);
  }

  /** What comes before the frames of the log. */
  static ByteBuffer headOf(Fetched fetched, int recordBytes) {
    ByteBuffer header = ByteBuffer.allocate(5 * Long.BYTES);
    header.putLong(fetched.epoch()).putLong(fetched.id());
    header.putLong(fetched.sourceEnd()).putLong(fetched.commit());
    header.putLong(fetched.frames().position());
    return frame(KIND_FETCHED, header.flip(), recordBytes);
  }

  static ByteBuffer alive() {
    return frame(KIND_ALIVE, ByteBuffer.allocate(0), 0);
  }

  private static ByteBuffer frame(byte kind, ByteBuffer header, int followingBytes) {
    int headerBytes = header.remaining();
    ByteBuffer frame = ByteBuffer.allocate(PREFIX_BYTES + headerBytes);
    frame.putInt(PREFIX_BYTES - LENGTH_BYTES + headerBytes + followingBytes);
    frame.putShort((short) headerBytes);
    frame.putInt(0).put(kind).put(header);
    frame.putInt(LENGTH_BYTES + 2, crcOf(frame, PREFIX_BYTES - 1, 1 + headerBytes));
    return frame.flip();
  }

  private static int crcOf(ByteBuffer bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(from, length));
    return (int) crc.getValue();
  }

  /** Reads the first frame of a follower. */
  static Hello decodeHello(ByteBuffer frame) {
    Received received = Received.of(frame);
    received.expect(KIND_HELLO);
    ByteBuffer header = received.header;
    byte[] bytes = new byte[header.remaining()];
    header.get(bytes);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int magic = in.readInt();
      int version = in.readInt();
      if (magic != MAGIC || version != VERSION) {
        throw new BrokenFrameException(
            "expected a replica of version " + VERSION + ", found " + version);
      }
      return new Hello(
          in.readUTF(),
          new ReplicaId(in.readUTF(), in.readLong()),
          new ReplicaId(in.readUTF(), in.readLong()),
          in.readUTF());
    } catch (IOException e) {
      throw new BrokenFrameException("the first frame says too little: " + e);
    }
  }

  /** Reads what a follower says after its first frame. */
  static ReplicaMessage decodeFromFollower(ByteBuffer frame) {
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
  static boolean isAlive(ByteBuffer frame) {
    return frame.remaining() >= PREFIX_BYTES
        && frame.get(frame.position() + PREFIX_BYTES - 1) == KIND_ALIVE;
  }

  /** Reads what else a leader says, and checks the frames of its log. */
  static Fetched decodeFromLeader(ByteBuffer frame) {
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
      throw new BrokenFrameException("what came of the log was damaged: " + e.getMessage());
    }
  }

  /** A frame whose checksum was checked. */
  private record Received(byte kind, ByteBuffer header, ByteBuffer rest) {
    static Received of(ByteBuffer frame) {
      ByteBuffer all = frame.slice();
      if (all.capacity() < PREFIX_BYTES) {
        throw new BrokenFrameException("a frame of " + all.capacity() + " bytes is none");
      }
      int headerBytes = all.getShort(LENGTH_BYTES) & 0xffff;
      int restAt = PREFIX_BYTES + headerBytes;
      if (restAt > all.capacity()) {
        throw new BrokenFrameException("a header of " + headerBytes + " bytes leaves its frame");
      }
      int crc = crcOf(all, PREFIX_BYTES - 1, 1 + headerBytes);
      if (crc != all.getInt(LENGTH_BYTES + 2)) {
        throw new BrokenFrameException("a frame has a bad checksum");
      }
      return new Received(
          all.get(PREFIX_BYTES - 1),
          all.slice(PREFIX_BYTES, headerBytes),
          all.slice(restAt, all.capacity() - restAt));
    }

    void expect(byte expected) {
      if (kind != expected) {
        throw new BrokenFrameException("expected a frame of kind " + expected + ", found " + kind);
      }
    }

    void expectHeader(int size) {
      if (header.remaining() != size) {
        throw new BrokenFrameException(
            "expected a header of %d bytes, found %d".formatted(size, header.remaining()));
      }
    }
  }
}
