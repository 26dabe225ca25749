package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories of a log and of a copy that follows it: appends, copying in runs of any length,
 * cuts of either, rolls, restarts and crashes of either, and the copy taking over. Whenever the
 * copy has caught up it must hold frame by frame and queue by queue what {@link LogModel} holds.
 * Everything follows from the seed, which is in the test's name.
 */
class CopyHistoryTest {
  @TempDir(factory = InMemory.class)
  Path folder;

  private Random random = new Random();
  private final LogModel model = new LogModel();
  private final RecordPlace place = new RecordPlace();
  private Replica leader = new Replica();
  private Replica copy = new Replica();
  private long clockMs = 1_000_000;
  private int written;
  private int folders;
  private int caughtUp;

  /** One of the two. */
  private static final class Replica {
    private Path path = Path.of("");
    private @Nullable SegmentedLog open;

    private SegmentedLog log() {
      return Objects.requireNonNull(open);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theCopyHoldsWhatTheLogHolds(long seed) throws IOException {
    play(seed, 1_500);
  }

  private void play(long seed, int steps) throws IOException {
    random = new Random(seed);
    for (Replica replica : new Replica[] {leader, copy}) {
      replica.path = folder.resolve("log-" + folders++);
      open(replica);
    }
    beginEpoch();
    for (int i = 0; i < steps; i++) {
      step();
    }
    catchUp();
    leader.log().close();
    copy.log().close();
    assertThat(caughtUp).isGreaterThan(steps / 50);
    assertThat(leader.log().writtenPosition()).isPositive();
  }

  private void open(Replica replica) throws IOException {
    int stepBytes = 1 << (12 + random.nextInt(5));
    int batchBytes = 1 << (9 + random.nextInt(8));
    int segmentBytes = (64 << 10) << random.nextInt(3);
    replica.open =
        SegmentedLog.open(new LogSettings(replica.path, segmentBytes, batchBytes, stepBytes));
  }

  private void step() throws IOException {
    clockMs += random.nextInt(20) - 5;
    int dice = random.nextInt(1_000);
    if (dice < 550) {
      append();
    } else if (dice < 600) {
      endBatch();
    } else if (dice < 650) {
      leader.log().flush();
      copy.log().flush();
    } else if (dice < 850) {
      follow();
    } else if (dice < 880) {
      beginEpoch();
    } else if (dice < 900) {
      appendMembership();
    } else if (dice < 930) {
      catchUp();
    } else if (dice < 945) {
      cutLeader(random.nextInt(4) == 0 ? random.nextDouble() : 1 - random.nextDouble() / 20);
    } else if (dice < 965) {
      cutCopy();
    } else if (dice < 975) {
      takeOver();
    } else if (dice < 985) {
      restart(random.nextBoolean() ? leader : copy);
    } else {
      crash(random.nextBoolean() ? leader : copy);
    }
  }

  private void append() throws IOException {
    QueueKey queue = new QueueKey("topic-" + random.nextInt(30), random.nextInt(2));
    int length = random.nextInt(20) == 0 ? random.nextInt(15_000) : random.nextInt(300);
    String body = written++ + "b".repeat(length);
    MessageDraft draft = draft(queue, body, random.nextBoolean() ? "tag" + length % 5 : null);
    long before = leader.log().writtenPosition();
    leader.log().reserve(MessageRecordWriter.sizeOf(draft));
    if (leader.log().writtenPosition() != before) {
      model.batchEnded(leader.log().writtenPosition());
    }
    leader.log().append(draft, clockMs, place);
    model.appended(queue, body, draft.tagHash(), clockMs, place);
  }

  private void endBatch() {
    leader.log().endBatch();
    model.batchEnded(leader.log().writtenPosition());
  }

  private void beginEpoch() throws IOException {
    endBatch();
    long epoch = Math.max(leader.log().epoch(), copy.log().epoch()) + 1;
    model.epochBegan(epoch);
    leader.log().beginEpoch(epoch);
    model.batchEnded(leader.log().writtenPosition());
  }

  private void appendMembership() throws IOException {
    endBatch();
    byte[] content = new byte[random.nextInt(100)];
    random.nextBytes(content);
    leader.log().appendMembership(ByteBuffer.wrap(content));
    model.batchEnded(leader.log().writtenPosition());
  }

  private void follow() throws IOException {
    long end = copy.log().writtenPosition();
    if (end < leader.log().writtenPosition()) {
      copy.log()
          .appendFrames(
              Copies.overTheNetwork(Copies.next(leader.log(), end, 1 + random.nextInt(30_000))));
    }
  }

  private void catchUp() throws IOException {
    endBatch();
    Copies.catchUp(leader.log(), copy.log(), () -> 1 + random.nextInt(30_000));
    Copies.assertSame(copy.log(), leader.log());
    model.assertSameAs(copy.log());
    model.assertSameAs(leader.log());
    caughtUp++;
  }

  private void cutLeader(double share) throws IOException {
    endBatch();
    long cut = model.boundaryNotAbove((long) (share * leader.log().writtenPosition()));
    leader.log().cutTo(cut);
    model.cutTo(cut);
    if (copy.log().writtenPosition() > cut) {
      copy.log().cutTo(cut);
    }
    if (random.nextBoolean()) {
      beginEpoch(); // else what comes next looks like what was cut
    }
  }

  private void cutCopy() throws IOException {
    long end = copy.log().writtenPosition();
    copy.log().cutTo(model.boundaryNotAbove(end - random.nextInt(100_000)));
  }

  private void takeOver() throws IOException {
    catchUp();
    Replica before = leader;
    leader = copy;
    copy = before;
    beginEpoch();
  }

  private void restart(Replica replica) throws IOException {
    endBatch();
    replica.log().close();
    LogFiles.damageIndexes(replica.path, random);
    open(replica);
  }

  private void crash(Replica replica) throws IOException {
    endBatch();
    long flushed = replica.log().flushedPosition();
    long end = replica.log().writtenPosition();
    Path before = replica.path;
    replica.path = LogFiles.copy(before, folder.resolve("log-" + folders++));
    replica.log().close();
    LogFiles.delete(before);
    LogFiles.losePages(replica.path, flushed, end + (16 << 10), random);
    LogFiles.damageIndexes(replica.path, random);
    open(replica);
    long found = replica.log().writtenPosition();
    assertThat(found).isBetween(flushed, end);
    if (replica == leader) {
      model.cutTo(found);
      if (copy.log().writtenPosition() > found) {
        copy.log().cutTo(found);
      }
    }
  }
}
