package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.Pledge;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadRefused;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commit log on real files: what is acknowledged is there after a restart or a crash. */
class CommitLogFilesTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 1);
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ActorTestKit testKit = ActorTestKit.create("files", ConfigFactory.load());
  private final CountedDrafts drafts = new CountedDrafts();
  private final TestProbe<LeadReply> leader = testKit.createTestProbe();
  private final TestProbe<AppendReply> producer = testKit.createTestProbe();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    testKit.shutdownTestKit();
  }

  @Test
  void whatWasAcknowledgedIsThereAfterARestart() {
    ActorRef<Command> commitLog = open(folder);
    Leading first = lead(commitLog);
    assertThat(first.epoch()).isEqualTo(1);
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      positions.add(append(commitLog, first.epoch(), "message " + i).positions()[0]);
    }
    testKit.stop(commitLog, SOON);

    Leading second = lead(open(folder));

    assertThat(second.epoch()).isEqualTo(2);
    assertThat(bodies(second.log()))
        .isEqualTo(IntStream.range(0, 500).mapToObj(i -> "message " + i).toList());
    assertThat(positions).isSorted().doesNotHaveDuplicates();
    drafts.assertEachReleasedOnce();
  }

  @Test
  void whatWasAcknowledgedIsThereAfterACrash(@TempDir Path crashed) throws IOException {
    ActorRef<Command> commitLog = open(folder);
    long epoch = lead(commitLog).epoch();
    for (int i = 0; i < 500; i++) {
      append(commitLog, epoch, "message " + i);
    }
    LogFiles.copyWhileRunning(folder, crashed);
    testKit.stop(commitLog, SOON);

    ActorRef<Command> reopened = open(crashed);
    Leading leading = lead(reopened);

    assertThat(leading.epoch()).isEqualTo(epoch + 1);
    assertThat(bodies(leading.log()))
        .isEqualTo(IntStream.range(0, 500).mapToObj(i -> "message " + i).toList());
    assertThat(append(reopened, leading.epoch(), "and on").queueOffset()).isEqualTo(500);
  }

  @Test
  void epochsGoOnAboveAPromiseThatCameToNothing() throws IOException {
    CommitLogSettings settings = settings(folder);
    try (ReplicaLog abandoned = SegmentedReplicaLog.open(settings, "broker-0")) {
      abandoned.persist(new Pledge(41, false));
    }

    assertThat(lead(open(folder)).epoch()).isEqualTo(42);
  }

  @Test
  void twoLogGroupsOfANodeAreIndependent() {
    ActorRef<Command> one = open(folder);
    ActorRef<Command> other =
        testKit.spawn(CommitLog.create("broker-1", settings(folder)), CommitLog.dispatcher());
    lead(one);
    lead(one);

    assertThat(lead(one).epoch()).isEqualTo(3);
    assertThat(lead(other).epoch()).isEqualTo(1);
    assertThat(Files.isDirectory(folder.resolve("broker-1"))).isTrue();
  }

  @Test
  void aDamagedLogIsNotLedAndTheReasonNamesTheFile() throws IOException {
    ActorRef<Command> commitLog = open(folder);
    long epoch = lead(commitLog).epoch();
    Appended appended = append(commitLog, epoch, "to be damaged");
    append(commitLog, epoch, "after it");
    testKit.stop(commitLog, SOON);
    Path segment = segmentOf(folder);
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.seek(appended.positions()[0] + 40);
      file.write(new byte[] {1, 2, 3, 4, 5});
    }

    ActorRef<Command> damaged = open(folder);

    damaged.tell(new Lead(leader.getRef()));
    assertThat(leader.expectMessageClass(LeadRefused.class, SOON).reason())
        .contains(segment.getFileName().toString());
    assertThat(LocalLogs.get(testKit.system()).find("broker-0")).isNull();
  }

  @Test
  void thousandsOfAppendsInFlightShareFewFlushesAndKeepTheirOrder() {
    ActorRef<Command> commitLog = open(folder);
    long epoch = lead(commitLog).epoch();
    for (int i = 0; i < 5_000; i++) {
      commitLog.tell(
          new Append(
              epoch, List.of(drafts.draft(ORDERS, "message " + i)), null, producer.getRef()::tell));
    }

    for (int i = 0; i < 5_000; i++) {
      assertThat(producer.expectMessageClass(Appended.class, SOON).queueOffset()).isEqualTo(i);
    }
    LocalLog local = Objects.requireNonNull(LocalLogs.get(testKit.system()).find("broker-0"));
    assertThat(local.committedPosition())
        .isEqualTo(local.reader().writtenPosition())
        .isEqualTo(local.reader().flushedPosition());
    assertThat(bodies(local.reader())).hasSize(5_000).last().isEqualTo("message 4999");
    drafts.assertEachReleasedOnce();
  }

  private ActorRef<Command> open(Path dataDir) {
    return testKit.spawn(CommitLog.create("broker-0", settings(dataDir)), CommitLog.dispatcher());
  }

  private Leading lead(ActorRef<Command> commitLog) {
    TestProbe<LeadReply> asker = testKit.createTestProbe();
    commitLog.tell(new Lead(asker.getRef()));
    return asker.expectMessageClass(Leading.class, SOON);
  }

  private Appended append(ActorRef<Command> commitLog, long epoch, String body) {
    commitLog.tell(
        new Append(epoch, List.of(drafts.draft(ORDERS, body)), null, producer.getRef()::tell));
    return producer.expectMessageClass(Appended.class, SOON);
  }

  private static List<String> bodies(LogReader log) {
    List<String> bodies = new ArrayList<>();
    log.queue(ORDERS)
        .scan(
            0,
            Long.MAX_VALUE,
            (offset, position, sizeBytes, tagHash) -> {
              try (LogSlice slice = Objects.requireNonNull(log.slice(position, sizeBytes))) {
                bodies.add(
                    StandardCharsets.UTF_8
                        .decode(MessageRecord.body(slice.bytes(), slice.bytes().position()))
                        .toString());
              }
              return true;
            });
    return bodies;
  }

  private static Path segmentOf(Path dataDir) throws IOException {
    try (var files = Files.walk(dataDir)) {
      return files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
    }
  }

  private static CommitLogSettings settings(Path dataDir) {
    return CommitLogSettings.of(
        ConfigFactory.parseMap(
                Map.of(
                    "sampo.data-dir", dataDir.toString(),
                    "sampo.log.segment-size", "256 KiB",
                    "sampo.log.preallocate-step", "64 KiB"))
            .withFallback(ConfigFactory.load()));
  }
}
