package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.EpochStart;
import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.LogBase;
import io.sampo.cluster.protocol.LogOutline;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.MembershipMark;
import io.sampo.cluster.protocol.Pledge;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedReplicaLogTest {
  private static final ReplicaId A = new ReplicaId("a", 1);
  private static final ReplicaId B = new ReplicaId("b", -2);
  private static final ReplicaId C = new ReplicaId("node-ü", Long.MAX_VALUE);
  private static final Membership THREE = Membership.ofVoters(List.of(A, B, C));

  @TempDir Path folder;

  private SegmentedReplicaLog open(String name, ReplicaPlan plan) throws IOException {
    return SegmentedReplicaLog.open(settings(name), "broker-0", plan);
  }

  private CommitLogSettings settings(String name) {
    return CommitLogSettings.of(
        ConfigFactory.parseMap(
                Map.of(
                    "sampo.data-dir", folder.resolve(name).toString(),
                    "sampo.log.segment-size", "64 KiB",
                    "sampo.log.preallocate-step", "64 KiB"))
            .withFallback(ConfigFactory.load()));
  }

  private static Frames all(ReplicaLog log) throws IOException {
    return log.readFrames(0, log.reader().writtenPosition(), 1 << 20);
  }

  @Test
  void saysAfterAReopeningWhatWasWrittenAndPledged() throws IOException {
    Membership next = THREE.without(C).withLearner(C);
    try (SegmentedReplicaLog log = open("one", new ReplicaPlan(A, THREE))) {
      log.persist(new Pledge(4, true));
      log.beginEpoch(3);
      log.appendMembership(next);
      log.beginEpoch(5);
      assertThatThrownBy(log::outline).isInstanceOf(IllegalStateException.class);
      log.flush();
    }
    try (SegmentedReplicaLog log = open("one", new ReplicaPlan(A, THREE))) {
      assertThat(log.pledge()).isEqualTo(new Pledge(4, true));
      LogOutline outline = log.outline();
      assertThat(outline.end()).isEqualTo(log.reader().writtenPosition());
      assertThat(outline.flushed()).isEqualTo(outline.end());
      assertThat(outline.lastEpoch()).isEqualTo(5);
      assertThat(outline.epochBefore(48)).isEqualTo(3);
      assertThat(outline.membership()).isEqualTo(next);
      assertThat(outline.membershipEnd()).isBetween(96L, outline.end() - 48);
    }
  }

  @Test
  void framesSayWhatTheyMarkAlsoBehindANetwork() throws IOException {
    try (SegmentedReplicaLog log = open("one", new ReplicaPlan(A, THREE));
        SegmentedReplicaLog copy = open("two", new ReplicaPlan(B, THREE))) {
      log.beginEpoch(3);
      log.appendMembership(THREE);
      log.beginEpoch(4);
      Frames frames = all(log);
      long membershipEnd = frames.endPosition() - 48;
      assertThat(frames.epochs())
          .containsExactly(new EpochStart(3, 0), new EpochStart(4, membershipEnd));
      assertThat(frames.memberships()).containsExactly(new MembershipMark(membershipEnd, THREE));
      ByteBuffer received =
          ByteBuffer.allocate(ReplicaFrames.bytes(frames).remaining())
              .put(ReplicaFrames.bytes(frames))
              .flip();
      Frames arrived = ReplicaFrames.check(0, received);
      assertThat(arrived.epochs()).isEqualTo(frames.epochs());
      assertThat(arrived.memberships()).isEqualTo(frames.memberships());
      assertThat(arrived.endPosition()).isEqualTo(frames.endPosition());
      copy.appendFrames(arrived);
      copy.flush();
      assertThat(copy.outline().membership()).isEqualTo(THREE);
      copy.cutTo(48);
      assertThat(copy.outline().membership()).isEqualTo(Membership.NOBODY);
    }
  }

  @Test
  void beginsWhereItIsResetTo() throws IOException {
    LogBase base = new LogBase(1 << 20, 9, THREE);
    try (SegmentedReplicaLog log = open("one", new ReplicaPlan(A, Membership.NOBODY))) {
      log.beginEpoch(3);
      log.resetTo(base);
    }
    try (SegmentedReplicaLog log = open("one", new ReplicaPlan(A, Membership.NOBODY))) {
      assertThat(log.outline().base()).isEqualTo(base);
      assertThat(log.outline().lastEpoch()).isEqualTo(9);
      assertThat(log.outline().membership()).isEqualTo(THREE);
      log.beginEpoch(10);
      log.flush();
      assertThat(log.outline().epochBefore(log.outline().end())).isEqualTo(10);
    }
  }

  @Test
  void aReplicaAmongOthersIsRepairedAndOneAloneIsRefused() throws IOException {
    for (ReplicaPlan plan : List.of(new ReplicaPlan(A, THREE), ReplicaPlan.alone(A))) {
      String name = plan.initial().voters().size() + "-voters";
      try (SegmentedReplicaLog log = open(name, plan)) {
        log.persist(new Pledge(7, false));
        for (int epoch = 1; epoch < 8; epoch++) {
          log.beginEpoch(epoch);
          log.flush();
        }
      }
      Path segment = folder.resolve(name).resolve("broker-0/log/00000000000000000000.log");
      try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
        file.seek(3 * 48 + 30);
        file.write(0xFF);
      }
      if (plan.initial().equals(THREE)) {
        try (SegmentedReplicaLog log = open(name, plan)) {
          assertThat(log.pledge()).isEqualTo(new Pledge(7, true));
          assertThat(log.outline().end()).isEqualTo(3 * 48);
        }
      } else {
        assertThatThrownBy(() -> open(name, plan))
            .isInstanceOf(CorruptLogException.class)
            .hasMessageContaining("position " + 3 * 48);
      }
    }
  }

  @Test // found when the node starts, and while it runs
  void whatLiesBehindDamageIsKept() throws IOException {
    ReplicaPlan plan = new ReplicaPlan(A, THREE);
    for (boolean running : List.of(false, true)) {
      String name = running ? "running" : "starting";
      Path log = folder.resolve(name).resolve("broker-0/log");
      SegmentedReplicaLog first = open(name, plan);
      first.persist(new Pledge(9_000, false));
      int epoch = fill(first, log);
      if (!running) {
        first.close();
      }
      Path damaged = log.resolve("00000000000000000000.log");
      byte[] segment = flipped(damaged, 3 * 48 + 30);
      byte[] next = Files.readAllBytes(log.resolve("00000000000000065536.log"));
      if (running) {
        CorruptLogException damage =
            assertThrows(CorruptLogException.class, () -> first.readFrames(3 * 48, 4 * 48, 1));
        first.giveUp(damage);
        assertThat(first.outline().end()).isEqualTo(3 * 48);
        first.close();
      } else {
        Files.deleteIfExists(log.resolve("00000000000000000000.index")); // or it isn't read
      }
      SegmentedReplicaLog again = open(name, plan);
      assertThat(again.pledge()).isEqualTo(new Pledge(9_000, true));
      assertThat(again.outline().end()).isEqualTo(3 * 48);
      again.beginEpoch(epoch);
      again.close();

      Path aside = log.resolveSibling("set-aside-1");
      assertThat(Files.readAllBytes(aside.resolve("00000000000000065536.log"))).isEqualTo(next);
      byte[] rest = Files.readAllBytes(aside.resolve("00000000000000000000.log"));
      assertThat(Arrays.copyOfRange(rest, 3 * 48, rest.length))
          .isEqualTo(Arrays.copyOfRange(segment, 3 * 48, rest.length));
      assertThat(log.resolveSibling("set-aside-2")).doesNotExist();

      new ReplicaFolder(settings(name), "broker-0").delete();
      assertThat(log).doesNotExist();
      assertThat(aside).isNotEmptyDirectory();
    }
  }

  @Test
  void damageInFrontOfDamageIsGivenUpWithIt() throws IOException {
    try (SegmentedReplicaLog log = open("one", new ReplicaPlan(A, THREE))) {
      log.persist(new Pledge(9_000, false));
      fill(log, folder.resolve("one/broker-0/log"));
      flipped(folder.resolve("one/broker-0/log/00000000000000000000.log"), 3 * 48);
      CorruptLogException cut = assertThrows(CorruptLogException.class, () -> log.cutTo(7 * 48));
      assertThat(cut.position()).isEqualTo(3 * 48);

      log.giveUp(new CorruptLogException(7 * 48, "met first"));

      assertThat(log.pledge()).isEqualTo(new Pledge(9_000, true));
      assertThat(log.outline().end()).isEqualTo(3 * 48);
    }
  }

  /** Writes until there are two segments; returns the next epoch. */
  private static int fill(SegmentedReplicaLog log, Path files) throws IOException {
    int epoch = 1;
    while (!Files.exists(files.resolve("00000000000000065536.log"))
        || log.reader().writtenPosition() < (64 << 10) + 5 * 48) {
      log.beginEpoch(epoch++);
    }
    log.flush();
    return epoch;
  }

  /** Damages a file; returns what is in it then. */
  private static byte[] flipped(Path segment, int at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.seek(at);
      int was = file.read();
      file.seek(at);
      file.write(~was);
    }
    return Files.readAllBytes(segment);
  }

  @Test
  void aLogThatIsGoneIsMissedByWhatWasPromised() throws IOException {
    for (ReplicaPlan plan : List.of(new ReplicaPlan(A, THREE), ReplicaPlan.alone(A))) {
      for (String lost : List.of("log", "log/00000000000000000000.log")) {
        String name = plan.initial().voters().size() + "-voters-" + lost.length();
        try (SegmentedReplicaLog log = open(name, plan)) {
          log.persist(new Pledge(7, false));
        }
        delete(folder.resolve(name).resolve("broker-0").resolve(lost));
        if (plan.initial().equals(THREE)) {
          for (int i = 0; i < 2; i++) {
            try (SegmentedReplicaLog log = open(name, plan)) {
              assertThat(log.pledge()).isEqualTo(new Pledge(7, true));
              assertThat(log.outline().end()).isZero();
            }
          }
        } else {
          for (int i = 0; i < 2; i++) { // and a refused opening leaves nothing that passes for it
            assertThatThrownBy(() -> open(name, plan))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("must be put back");
          }
        }
      }
    }
  }

  @Test
  void aReplicaThatHasPromisedNothingMayBeginWithoutALog() throws IOException {
    ReplicaPlan plan = ReplicaPlan.alone(A);
    new ReplicaFolder(settings("one"), "broker-0").found(A.disk());
    try (SegmentedReplicaLog log = open("one", plan)) {
      assertThat(log.pledge()).isEqualTo(new Pledge(0, false));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Test
  void aMembershipIsReadAsItWasWritten() {
    for (Membership membership :
        List.of(
            Membership.NOBODY,
            THREE,
            new Membership(List.of(), List.of(A, B)),
            THREE.withLearner(new ReplicaId("", 0)))) {
      ByteBuffer content = MembershipContent.encode(membership);
      assertThat(MembershipContent.decode(content)).isEqualTo(membership);
      for (int cut = 0; cut < content.limit(); cut++) {
        ByteBuffer part = content.duplicate().limit(cut);
        assertThatThrownBy(() -> MembershipContent.decode(part))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }
}
