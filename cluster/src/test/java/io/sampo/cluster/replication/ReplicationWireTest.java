package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.net.BrokenFrameException;
import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.Held;
import io.sampo.cluster.replication.ReplicationWire.Hello;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.RecordPlace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationWireTest {
  private static final Hello HELLO =
      new Hello("cluster ä", new ReplicaId("b", -7), new ReplicaId("a", 8), "broker-0");
  private static final Fetch FETCH = new Fetch(1, 2, 3, 4, Long.MAX_VALUE, true);
  private static final Held HELD = new Held(5, 6);

  @TempDir private Path folder;

  @Test
  void whatAFollowerSaysComesBack() {
    assertThat(ReplicationWire.decodeHello(ReplicationWire.encode(HELLO))).isEqualTo(HELLO);
    assertThat(ReplicationWire.decodeFromFollower(ReplicationWire.encode(FETCH))).isEqualTo(FETCH);
    assertThat(ReplicationWire.decodeFromFollower(ReplicationWire.encode(HELD))).isEqualTo(HELD);
  }

  @Test
  void framesOfALogComeBackAsTheyWereRead() throws IOException {
    Frames frames = framesOfALog();
    Fetched sent = new Fetched(9, 10, frames, frames.endPosition(), 12);

    ByteBuffer bytes = encode(sent);
    Fetched back = ReplicationWire.decodeFromLeader(bytes);

    assertThat(back.frames().epochs()).isEqualTo(frames.epochs()).hasSize(1);
    assertThat(back.frames().endPosition()).isEqualTo(frames.endPosition());
    assertThat(ReplicaFrames.bytes(back.frames())).isEqualTo(ReplicaFrames.bytes(frames));
    assertThat(List.of(back.epoch(), back.id(), back.sourceEnd(), back.commit()))
        .containsExactly(9L, 10L, frames.endPosition(), 12L);
  }

  @Test
  void nothingMoreIsAnAnswerToo() {
    Frames nothing = new Frames(77, 77, List.of(), List.of(), "");
    Fetched back = ReplicationWire.decodeFromLeader(encode(new Fetched(1, 2, nothing, 77, 70)));

    assertThat(back.frames().isEmpty()).isTrue();
    assertThat(back.frames().position()).isEqualTo(77);
    assertThat(ReplicationWire.isAlive(ReplicationWire.alive())).isTrue();
    assertThat(ReplicationWire.isAlive(ReplicationWire.encode(HELD))).isFalse();
  }

  @Test
  void everyFlippedBitIsFound() throws IOException {
    for (ByteBuffer frame : List.of(ReplicationWire.encode(HELLO), ReplicationWire.encode(FETCH))) {
      // The length is the framing's; whatever it makes of it comes here as a frame.
      for (int bit = 4 * 8; bit < frame.remaining() * 8; bit++) {
        ByteBuffer flipped = flip(frame, bit);
        assertThatThrownBy(() -> ReplicationWire.decodeHello(flipped))
            .isInstanceOf(BrokenFrameException.class);
        assertThatThrownBy(() -> ReplicationWire.decodeFromFollower(flipped))
            .isInstanceOf(BrokenFrameException.class);
      }
    }
    Frames frames = framesOfALog();
    ByteBuffer fetched = encode(new Fetched(9, 10, frames, 11, 12));
    int recordsAt = fetched.remaining() - ReplicaFrames.bytes(frames).remaining();
    for (int bit = 4 * 8; bit < fetched.remaining() * 8; bit += 3) {
      ByteBuffer flipped = flip(fetched, bit);
      if (bit < recordsAt * 8) {
        assertThatThrownBy(() -> ReplicationWire.decodeFromLeader(flipped))
            .isInstanceOf(BrokenFrameException.class);
      }
    }
    ByteBuffer damaged = flip(fetched, (fetched.remaining() - 20) * 8);
    assertThatThrownBy(() -> ReplicationWire.decodeFromLeader(damaged))
        .isInstanceOf(BrokenFrameException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void aFrameThatEndsEarlyIsNone() {
    ByteBuffer frame = ReplicationWire.encode(FETCH);
    for (int length = 0; length < frame.remaining(); length++) {
      ByteBuffer part = frame.slice(0, length);
      assertThatThrownBy(() -> ReplicationWire.decodeFromFollower(part))
          .isInstanceOf(BrokenFrameException.class);
    }
  }

  private Frames framesOfALog() throws IOException {
    CommitLogSettings settings =
        CommitLogSettings.of(
            ConfigFactory.parseMap(
                    Map.of(
                        "sampo.data-dir",
                        folder.resolve("log-of-a").toString(),
                        "sampo.log.segment-size",
                        "256 KiB"))
                .withFallback(ConfigFactory.load()));
    try (ReplicaLog log =
        SegmentedReplicaLog.open(settings, "broker-0", ReplicaPlan.alone(HELLO.leader()))) {
      log.beginEpoch(1);
      log.reserve(1000);
      log.append(
          new CountedDrafts().draft(new QueueKey("orders", 0), "a body of some length"),
          17,
          new RecordPlace());
      log.endBatch();
      log.flush();
      return log.readFrames(0, log.reader().writtenPosition(), 1 << 20);
    }
  }

  private static ByteBuffer encode(Fetched fetched) {
    ByteBuffer records = ReplicaFrames.bytes(fetched.frames());
    ByteBuffer head = ReplicationWire.headOf(fetched, records.remaining());
    return ByteBuffer.allocate(head.remaining() + records.remaining())
        .put(head)
        .put(records)
        .flip();
  }

  private static ByteBuffer flip(ByteBuffer bytes, int bit) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    copy.put(bit / 8, (byte) (copy.get(bit / 8) ^ (1 << (bit % 8))));
    return copy;
  }
}
