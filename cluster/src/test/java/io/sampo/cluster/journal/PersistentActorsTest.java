package io.sampo.cluster.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.DropBelow;
import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.cluster.replication.LogFiles;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.SegmentSpan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event-sourced actors on the log: their state outlives the actor system and a crash. */
class PersistentActorsTest {
  private static final String ID = "broker-0/notebook";
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private ActorTestKit testKit = ActorTestKit.create("not-started");
  private ActorRef<CommitLog.Command> commitLog = testKit.system().deadLetters();

  @AfterEach
  void stop() {
    testKit.shutdownTestKit();
  }

  @Test
  void stateIsBackAfterARestart() throws Exception {
    start(folder);
    ActorRef<Notebook.Command> notebook = testKit.spawn(Notebook.create(ID));
    note(notebook, "# Kalevala");
    note(notebook, "Ilmarinen", "forged", "the Sampo");

    start(folder);

    assertThat(read(testKit.spawn(Notebook.create(ID))))
        .isEqualTo("# Kalevala\nIlmarinen\nforged\nthe Sampo\n");
  }

  @Test
  void stateIsBackAfterACrash(@TempDir Path crashed) throws Exception {
    start(folder);
    ActorRef<Notebook.Command> notebook = testKit.spawn(Notebook.create(ID));
    for (int i = 0; i < 50; i++) {
      note(notebook, "line " + i);
    }
    LogFiles.copyWhileRunning(folder, crashed);
    note(notebook, "after the crash");

    start(crashed);

    ActorRef<Notebook.Command> recovered = testKit.spawn(Notebook.create(ID));
    assertThat(read(recovered)).isEqualTo(lines(0, 50));
    note(recovered, "line 50");
    assertThat(read(testKit.spawn(Notebook.create(ID)))).isEqualTo(lines(0, 51));
  }

  @Test
  void aLongHistoryOverManySegmentsIsReplayedInOrder() throws Exception {
    start(folder);
    ActorRef<Notebook.Command> notebook = testKit.spawn(Notebook.create(ID));
    for (int i = 0; i < 3_000; i += 100) {
      note(notebook, IntStream.range(i, i + 100).mapToObj(n -> "line " + n).toArray(String[]::new));
    }
    assertThat(localLog().reader().writtenPosition()).isGreaterThan(2 * (256 << 10));

    start(folder);

    assertThat(read(testKit.spawn(Notebook.create(ID)))).isEqualTo(lines(0, 3_000));
  }

  @Test
  void snapshotsStandInForTheEventsThatAreDeleted() throws Exception {
    start(folder);
    ActorRef<Notebook.Command> notebook = testKit.spawn(Notebook.withSnapshotEvery(ID, 10));
    for (int i = 0; i < 95; i++) {
      note(notebook, "line " + i);
    }
    TestProbe<Object> poll = testKit.createTestProbe();
    // Snapshots and deletions go on behind the answers: 9 snapshots, and a deletion for each that
    // is no longer kept.
    poll.awaitAssert(
        SOON,
        () -> {
          assertThat(nextOffset(PersistenceQueues.snapshots(ID))).isEqualTo(9);
          assertThat(nextOffset(PersistenceQueues.eventDeletions(ID))).isEqualTo(7);
          return assertThat(nextOffset(PersistenceQueues.snapshotDeletions(ID))).isPositive();
        });

    start(folder);

    assertThat(read(testKit.spawn(Notebook.withSnapshotEvery(ID, 10)))).isEqualTo(lines(0, 95));
  }

  @Test
  void stateOutlivesTheSegmentsThatItWasWrittenTo() throws Exception {
    String snapshots = "broker-0/snapshots";
    String idle = "broker-0/idle";
    start(folder);
    ActorRef<Notebook.Command> quiet = testKit.spawn(Notebook.create(ID));
    ActorRef<Notebook.Command> sparse = testKit.spawn(Notebook.withSnapshotEvery(snapshots, 10));
    note(testKit.spawn(Notebook.create(idle)), "noted once");
    for (int i = 0; i < 25; i++) {
      note(quiet, "line " + i);
      note(sparse, "line " + i);
    }
    for (int round = 0; round < 3; round++) {
      writeASegment();
      note(quiet, "line " + (25 + round));
      dropAllFullSegments();
    }
    assertThat(localLog().reader().queue(PersistenceQueues.events(ID)).firstOffset())
        .isGreaterThan(24);

    start(folder);

    assertThat(read(testKit.spawn(Notebook.create(idle)))).isEqualTo("noted once\n");
    assertThat(read(testKit.spawn(Notebook.withSnapshotEvery(snapshots, 10))))
        .isEqualTo(lines(0, 25));
    ActorRef<Notebook.Command> again = testKit.spawn(Notebook.create(ID));
    assertThat(read(again)).isEqualTo(lines(0, 28));
    note(again, "line 28");
    assertThat(read(testKit.spawn(Notebook.create(ID)))).isEqualTo(lines(0, 29));
  }

  @Test
  void whatIsCarriedAlreadyIsNotCarriedAgain() throws Exception {
    start(folder);
    note(testKit.spawn(Notebook.create(ID)), "a", "b", "c");
    writeASegment();
    List<SegmentSpan> full = localLog().reader().fullSegments();
    long position = full.get(full.size() - 1).endPosition();
    JournalCarrier carrier = new JournalCarrier(testKit.system(), "broker-0");

    assertThat(carrier.carry(position).toCompletableFuture().get()).isGreaterThanOrEqualTo(3);
    assertThat(carrier.carry(position).toCompletableFuture().get()).isZero();
  }

  private void writeASegment() {
    ActorRef<Notebook.Command> other = testKit.spawn(Notebook.create("broker-0/other"));
    int before = localLog().reader().fullSegments().size();
    while (localLog().reader().fullSegments().size() == before) {
      note(other, "x".repeat(20_000));
    }
    testKit.stop(other);
  }

  /** As retention does, without asking whether they are old. */
  private void dropAllFullSegments() throws Exception {
    List<SegmentSpan> full = localLog().reader().fullSegments();
    long position = full.get(full.size() - 1).endPosition();
    assertThat(
            new JournalCarrier(testKit.system(), "broker-0")
                .carry(position)
                .toCompletableFuture()
                .get())
        .isPositive();
    TestProbe<Object> poll = testKit.createTestProbe();
    poll.awaitAssert(
        SOON,
        () -> { // refused until the index of the last segment is written
          TestProbe<DropBelow.DropReply> dropped = testKit.createTestProbe();
          commitLog.tell(
              new DropBelow(
                  localLog().ledEpoch(), position, reply -> dropped.getRef().tell(reply)));
          return assertThat(dropped.receiveMessage(SOON))
              .isEqualTo(new DropBelow.Dropped(position));
        });
  }

  @Test
  void manyActorsShareALogAndKeepApart() throws Exception {
    start(folder);
    List<ActorRef<Notebook.Command>> notebooks =
        IntStream.range(0, 50)
            .mapToObj(i -> testKit.spawn(Notebook.create("broker-0/group/GID_" + i)))
            .toList();
    TestProbe<Done> done = testKit.createTestProbe();
    for (int i = 0; i < notebooks.size(); i++) {
      for (int line = 0; line < 20; line++) {
        notebooks
            .get(i)
            .tell(new Notebook.Note(List.of("line " + line + " of " + i), done.getRef()));
      }
    }
    done.receiveSeveralMessages(50 * 20, SOON);

    start(folder);

    for (int i = 0; i < notebooks.size(); i++) {
      int owner = i;
      assertThat(read(testKit.spawn(Notebook.create("broker-0/group/GID_" + i))))
          .isEqualTo(
              IntStream.range(0, 20)
                  .mapToObj(line -> "line " + line + " of " + owner + "\n")
                  .collect(Collectors.joining()));
    }
  }

  @Test
  void anIdLongerThanAUsersTopicIsFine() throws Exception {
    String id = "broker-0/group/" + "G".repeat(255);
    start(folder);
    note(testKit.spawn(Notebook.create(id)), "a long name");

    start(folder);

    assertThat(read(testKit.spawn(Notebook.create(id)))).isEqualTo("a long name\n");
  }

  @Test
  void eventsThatDoNotFitTogetherAreNotStoredAtAll() throws Exception {
    start(folder);
    ActorRef<Notebook.Command> notebook = testKit.spawn(Notebook.create(ID));
    note(notebook, "before");
    TestProbe<Done> done = testKit.createTestProbe();
    String large = "x".repeat(100 << 10);

    notebook.tell(new Notebook.Note(List.of(large, large, large), done.getRef()));

    done.expectTerminated(notebook, SOON);
    done.expectNoMessage(Duration.ofMillis(50));
    ActorRef<Notebook.Command> again = testKit.spawn(Notebook.create(ID));
    assertThat(read(again)).isEqualTo("before\n");
    note(again, large);
    assertThat(read(testKit.spawn(Notebook.create(ID)))).isEqualTo("before\n" + large + "\n");
  }

  @Test
  void aSecondWriterOfAnIdIsRefused() throws Exception {
    start(folder);
    ActorRef<Notebook.Command> first = testKit.spawn(Notebook.create(ID));
    ActorRef<Notebook.Command> second = testKit.spawn(Notebook.create(ID));
    assertThat(read(first)).isEmpty();
    assertThat(read(second)).isEmpty();
    note(first, "mine");
    TestProbe<Done> done = testKit.createTestProbe();

    second.tell(new Notebook.Note(List.of("mine, too"), done.getRef()));

    done.expectTerminated(second, SOON);
    note(first, "still mine");
    assertThat(read(testKit.spawn(Notebook.create(ID)))).isEqualTo("mine\nstill mine\n");
  }

  @Test
  void aWriteUnderANewerLeadershipGoesOn() throws Exception {
    start(folder);
    ActorRef<Notebook.Command> notebook = testKit.spawn(Notebook.create(ID));
    note(notebook, "under the first epoch");
    LedLog.lead(testKit.system(), commitLog);

    note(notebook, "under the second");

    assertThat(read(testKit.spawn(Notebook.create(ID))))
        .isEqualTo("under the first epoch\nunder the second\n");
  }

  @Test
  void nothingIsReadOrWrittenWhereTheLogIsNotLed() throws Exception {
    start(folder);
    ActorRef<Notebook.Command> notebook = testKit.spawn(Notebook.create(ID));
    note(notebook, "while it is led");
    TestProbe<Done> done = testKit.createTestProbe();
    LedLog.stop(testKit.system(), commitLog);
    done.expectTerminated(commitLog, SOON);

    notebook.tell(new Notebook.Note(List.of("nowhere"), done.getRef()));
    done.expectTerminated(notebook, SOON);
    done.expectTerminated(testKit.spawn(Notebook.create(ID)), SOON);
    done.expectTerminated(testKit.spawn(Notebook.create("broker-7/elsewhere")), SOON);
    done.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void anIdThatNamesNoLogGroupIsRefused() throws Exception {
    start(folder);

    ActorRef<Notebook.Command> homeless = testKit.spawn(Notebook.create("notebook"));

    testKit.createTestProbe().expectTerminated(homeless, SOON);
  }

  /** Ends the actor system of before, if any, and starts one on the folder. */
  private void start(Path dataDir) throws InterruptedException {
    testKit.shutdownTestKit();
    testKit = ActorTestKit.create("persistence", LedLog.config(dataDir));
    commitLog = LedLog.start(testKit.system(), "broker-0");
  }

  private void note(ActorRef<Notebook.Command> notebook, String... lines) {
    TestProbe<Done> done = testKit.createTestProbe();
    notebook.tell(new Notebook.Note(List.of(lines), done.getRef()));
    done.receiveMessage(SOON);
  }

  private String read(ActorRef<Notebook.Command> notebook) {
    TestProbe<String> text = testKit.createTestProbe();
    notebook.tell(new Notebook.Read(text.getRef()));
    return text.receiveMessage(SOON);
  }

  private long nextOffset(QueueKey queue) {
    return localLog().reader().queue(queue).nextOffset();
  }

  private LocalLog localLog() {
    return Objects.requireNonNull(LocalLogs.get(testKit.system()).find("broker-0"));
  }

  private static String lines(int from, int end) {
    return IntStream.range(from, end)
        .mapToObj(i -> "line " + i + "\n")
        .collect(Collectors.joining());
  }
}
