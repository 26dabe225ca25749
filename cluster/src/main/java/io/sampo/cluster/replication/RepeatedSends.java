package io.sampo.cluster.replication;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.SendConnections.Attempt;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.Returned;
import io.sampo.record.SendKey;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.NewestRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recognises the retries of sends that are in the log, so that they are answered with the first
 * one's place instead of being stored again. What it knows is a {@link SendWindow} of hashes and
 * positions; everything that decides is read from the record at the position. So the state is the
 * log itself, and whoever is to lead first reads the newest part of it.
 *
 * <p>A send is a retry when the stored one is no older than the window, both are the same ({@link
 * SendComparison#isSame}), and it came over another connection. A connection that lives loses no
 * answer; so what an application sends over one twice on purpose, the same message object, is
 * stored twice; unless a node says that it sends for a client what the leader before may have
 * stored. What consumer groups failed has a rule of its own, {@link ReturnedAgain}.
 *
 * <p>The commit log's thread only.
 */
final class RepeatedSends {
  private static final Logger LOG = LoggerFactory.getLogger(RepeatedSends.class);

  /** It is sought among what its group returned, and a dead letter among those of its topic. */
  private static final int ENTRIES_OF_RETURN = 2;

  private static final long NOTHING = -1;

  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private final DeduplicationSettings settings;
  private final ReplicaLog log;
  private final InstantSource clock;
  private final SendWindow window;

  /** What consumer groups returned: little, and to be known longer than the many sends. */
  private final SendWindow returns;

  /** Of the sends below this position the window knows what it is to know. */
  private long knownTo = NOTHING;

  private long knownCuts;
  private boolean leading;

  private final SendConnections connections = new SendConnections();

  RepeatedSends(DeduplicationSettings settings, ReplicaLog log, InstantSource clock) {
    this.settings = settings;
    this.log = log;
    this.clock = clock;
    this.window = new SendWindow(settings.sends());
    this.returns = new SendWindow(ENTRIES_OF_RETURN * settings.returns());
  }

  /**
   * Learns what the log's newest part holds, unless that is known. Before a leadership, so that
   * little is left to be learnt when it begins and clients wait.
   *
   * @param cuts how often the log was cut
   */
  void learn(long cuts) {
    if (leading || !settings.enabled()) {
      return;
    }
    long startedNs = System.nanoTime();
    long end = log.reader().writtenPosition();
    long from = knownTo;
    if (from == NOTHING || cuts != knownCuts || end - from > settings.rebuildBytes()) {
      window.clear();
      returns.clear();
      from = 0;
    }
    int[] known = new int[1];
    NewestRecords newest =
        new NewestRecords(
            settings.sends(),
            settings.rebuildBytes(),
            clock.millis() - settings.window().toMillis(),
            from);
    log.reader()
        .readNewest(
            newest,
            (bytes, index, position) -> {
              long key = SendKey.of(bytes, index);
              if (key != SendKey.NONE) {
                put(key, bytes, index, position);
                known[0]++;
              }
            });
    knownTo = end;
    knownCuts = cuts;
    LOG.debug(
        "{} sends are known from {} on, after {} ms",
        known[0],
        from,
        (System.nanoTime() - startedNs) / 1_000_000);
  }

  /**
   * A leadership begins. The positions are those of {@link SendConnections#begin}.
   *
   * @param cuts how often the log was cut
   */
  void begin(long cuts, long committedBefore, long committed) {
    learn(cuts);
    connections.begin(committedBefore, committed);
    leading = true;
  }

  /** The leadership is over; what is appended from now on, by others, has to be learnt. */
  void end(long cuts) {
    leading = false;
    knownTo = log.reader().writtenPosition();
    knownCuts = cuts;
  }

  /** The drafts were appended. */
  void appended(List<MessageDraft> drafts, long[] positions) {
    if (settings.enabled()) {
      for (int i = 0; i < positions.length; i++) {
        MessageDraft draft = drafts.get(i);
        if (draft.sendKey() != SendKey.NONE) {
          put(draft, positions[i]);
        }
      }
    }
  }

  /** Their producer was told that they may be stored, or not. */
  void uncertain(long[] positions) {
    if (settings.enabled()) {
      for (long position : positions) {
        connections.uncertain(position);
      }
    }
  }

  private void put(MessageDraft draft, long position) {
    int topicHash = draft.queue().topic().hashCode();
    Returned returned = draft.returned();
    if (returned == null) {
      window.put(hash(draft.sendKey(), topicHash), position);
    } else {
      putReturned(draft.sendKey(), Returned.group(returned.mark()), topicHash, position);
    }
  }

  /** The same of a stored record. */
  private void put(long key, ByteBuffer record, int at, long position) {
    int topicHash = SendComparison.topicHash(record, at);
    if (Returned.isReturned(record, at)) {
      long mark = MessageRecord.preparedTransactionOffset(record, at);
      putReturned(key, Returned.group(mark), topicHash, position);
    } else {
      window.put(hash(key, topicHash), position);
    }
  }

  private void putReturned(long key, int group, int topicHash, long position) {
    returns.put(hash(key, group), position);
    returns.put(hash(key, topicHash), position);
  }

  /**
   * Where the messages of a send are if it is a retry; null when it isn't, or not all of them are,
   * next to each other in one queue. May close the open batch, to look at what is in it.
   */
  @Nullable AlreadyAppended find(List<MessageDraft> drafts) throws IOException {
    if (!settings.enabled() || drafts.get(0).sendKey() == SendKey.NONE) {
      return null;
    }
    long position = findPosition(drafts.get(0));
    return position == SendWindow.NOT_KNOWN ? null : findAll(drafts);
  }

  private long findPosition(MessageDraft draft) {
    long key = draft.sendKey();
    if (key == SendKey.NONE) {
      return SendWindow.NOT_KNOWN;
    }
    Returned returned = draft.returned();
    int topicHash = draft.queue().topic().hashCode();
    if (returned == null) {
      return window.find(hash(key, topicHash));
    }
    boolean waits = returned.dueIndex() >= 0;
    return returns.find(hash(key, waits ? Returned.group(returned.mark()) : topicHash));
  }

  private @Nullable AlreadyAppended findAll(List<MessageDraft> drafts) throws IOException {
    long[] positions = new long[drafts.size()];
    AlreadyAppended first = null;
    for (int i = 0; i < positions.length; i++) {
      MessageDraft draft = drafts.get(i);
      long position = findPosition(draft);
      if (position == SendWindow.NOT_KNOWN) {
        return null;
      }
      positions[i] = position;
      AlreadyAppended found = findRetried(draft, position, positions);
      if (found == null) {
        return null;
      }
      if (first == null) {
        first = found;
      } else if (found.queueId() != first.queueId()
          || found.queueOffset() != first.queueOffset() + i) {
        return null;
      }
    }
    for (int i = 0; i < positions.length; i++) {
      connections.recognised(positions[i], port(drafts.get(i)));
    }
    return first;
  }

  /** The stored send at a position if the draft retries it. */
  private @Nullable AlreadyAppended findRetried(MessageDraft draft, long position, long[] positions)
      throws IOException {
    if (position >= log.reader().writtenPosition()) {
      log.endBatch();
    }
    try (LogSlice head = log.reader().slice(position, MessageRecord.SIZE_BYTES_MIN)) {
      if (head == null) {
        return null; // retention was faster
      }
      int sizeBytes = MessageRecord.totalSize(head.bytes(), head.bytes().position());
      try (LogSlice slice = log.reader().slice(position, sizeBytes)) {
        if (slice == null) {
          return null;
        }
        ByteBuffer record = slice.bytes();
        int at = record.position();
        return isRetry(draft, record, at, position)
            ? new AlreadyAppended(
                MessageRecord.queueId(record, at), MessageRecord.queueOffset(record, at), positions)
            : null;
      }
    } catch (InternalError e) { // a bad sector: no reason to refuse what can be written
      LOG.error("the record at {} can't be read, a retry of it is stored again", position, e);
      return null;
    }
  }

  private boolean isRetry(MessageDraft draft, ByteBuffer record, int at, long position) {
    long nowMs = clock.millis();
    long ageMs = nowMs - MessageRecord.storeTimestamp(record, at);
    boolean inWindow = ageMs <= settings.window().toMillis();
    Returned returned = draft.returned();
    if (returned == null) {
      return inWindow
          && SendComparison.isSame(draft, record, at)
          && connections.isRetry(
              position, attempt(draft), MessageRecord.bornHost(record, at).port(), ageMs);
    }
    if (ReturnedAgain.isStillToCome(draft, returned, record, at, nowMs)) {
      return true;
    }
    int port = Returned.port(MessageRecord.preparedTransactionOffset(record, at));
    return inWindow
        && ReturnedAgain.isRepetition(
            draft,
            returned,
            record,
            at,
            ageMs,
            connections.isRetry(position, attempt(draft), port, ageMs));
  }

  private static Attempt attempt(MessageDraft draft) {
    return new Attempt(port(draft), draft.mayBeStored());
  }

  private static int port(MessageDraft draft) {
    Returned returned = draft.returned();
    return returned == null ? draft.bornHost().port() : Returned.port(returned.mark());
  }

  /**
   * @param scope what it is sought among: a topic, or what a group returned
   */
  private static long hash(long sendKey, int scope) {
    return sendKey ^ scope * SPREAD;
  }
}
