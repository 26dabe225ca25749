package io.sampo.actors.group;

import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.storage.keys.KeyMatches;
import io.sampo.storage.keys.KeyQuery;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Finds the messages of a log group by their keys. One per log group, child of its leader.
 *
 * <p>A search may read a whole segment from the disk, so it is done by a child on a dispatcher that
 * may wait, one at a time; this actor bounds how many wait for it. The time of a search counts from
 * when it was asked for, so one that waited too long ends at once.
 */
public final class MessageFinder extends AbstractBehavior<MessageFinder.Command> {
  /** What the finder is told. */
  public sealed interface Command extends LogGroup.PartCommand {}

  /**
   * Looks for committed messages, the newest first.
   *
   * @param uniqueOnly true when only the id that the producer gave is meant
   * @param fromMs the earliest store time, milliseconds since the epoch
   * @param toMs the latest store time, inclusive
   * @param max how many, at least 1; never more than the settings allow
   */
  public record Find(
      String topic,
      String key,
      boolean uniqueOnly,
      long fromMs,
      long toMs,
      int max,
      ReplyTo<FindReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(FindRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link Find}. */
  public sealed interface FindReply {}

  /**
   * What was found.
   *
   * @param records a message each; whoever gets this closes them
   * @param complete false when the time was over before everything was looked at
   * @param searchedTo the log position up to which messages were looked for
   */
  public record MessagesFound(List<LogSlice> records, boolean complete, long searchedTo)
      implements FindReply {}

  /** Why nothing was looked for. */
  public enum FindRefused implements FindReply {
    /** Too many queries wait; try again. */
    TOO_MANY_WAITING,
    /** The log could not be read; the node's log says why. */
    READ_FAILED,
    /** The log group is not, or no longer, led here; try again. */
    NOT_LEADING
  }

  private enum SearchEnded implements Command {
    INSTANCE
  }

  /** What the child is told. */
  private record Search(Find find, long deadlineNanos, ActorRef<Command> finder)
      implements Undeliverable {
    @Override
    public void undelivered() {
      find.undelivered();
    }
  }

  private static final DispatcherSelector MAY_WAIT =
      DispatcherSelector.fromConfig("sampo.query.dispatcher");

  private final FinderSettings settings;
  private final ActorRef<Search> worker;
  private int underWay;

  private MessageFinder(
      ActorContext<Command> context, FinderSettings settings, Behavior<Search> worker) {
    super(context);
    this.settings = settings;
    this.worker = context.spawn(worker, "worker", MAY_WAIT);
  }

  /**
   * @param committedPosition records that start below it may be shown; any thread
   */
  static Behavior<Command> create(
      LogReader log, LongSupplier committedPosition, FinderSettings settings) {
    Behavior<Search> worker =
        Behaviors.setup(context -> new Worker(context, log, committedPosition, settings));
    return Behaviors.setup(context -> new MessageFinder(context, settings, worker));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Find.class, this::onFind)
        .onMessageEquals(SearchEnded.INSTANCE, this::onSearchEnded)
        .build();
  }

  private Behavior<Command> onFind(Find find) {
    if (underWay >= settings.waitingMax()) {
      find.replyTo().tell(FindRefused.TOO_MANY_WAITING);
      return this;
    }
    underWay++;
    long deadlineNanos = System.nanoTime() + settings.timeMax().toNanos();
    worker.tell(new Search(find, deadlineNanos, getContext().getSelf()));
    return this;
  }

  private Behavior<Command> onSearchEnded() {
    underWay--;
    return this;
  }

  /** Searches, one query at a time, on a thread that may wait for the disk. */
  private static final class Worker extends AbstractBehavior<Search> {
    private final LogReader log;
    private final LongSupplier committedPosition;
    private final FinderSettings settings;

    Worker(
        ActorContext<Search> context,
        LogReader log,
        LongSupplier committedPosition,
        FinderSettings settings) {
      super(context);
      this.log = log;
      this.committedPosition = committedPosition;
      this.settings = settings;
    }

    @Override
    public Receive<Search> createReceive() {
      return newReceiveBuilder().onMessage(Search.class, this::onSearch).build();
    }

    private Behavior<Search> onSearch(Search search) {
      FindReply reply;
      try {
        reply = find(search.find(), search.deadlineNanos());
      } catch (IOException | RuntimeException | InternalError e) { // a bad sector is the latter
        getContext().getLog().error("messages can't be looked for by key", e);
        reply = FindRefused.READ_FAILED;
      }
      search.find().replyTo().tell(reply);
      search.finder().tell(SearchEnded.INSTANCE);
      return this;
    }

    private MessagesFound find(Find find, long deadlineNanos) throws IOException {
      long end = committedPosition.getAsLong();
      KeyQuery query =
          new KeyQuery(
              find.topic(),
              find.key(),
              find.uniqueOnly(),
              find.fromMs(),
              find.toMs(),
              Math.min(find.max(), settings.messagesMax()));
      KeyMatches matches = log.find(query, end, () -> System.nanoTime() - deadlineNanos > 0);
      List<LogSlice> records = new ArrayList<>(matches.count());
      long bytes = 0;
      for (int i = 0; i < matches.count(); i++) {
        bytes += matches.sizeBytes(i);
        if (i > 0 && bytes > settings.bytesMax()) {
          break; // as many as one answer takes, the newest ones
        }
        LogSlice record = log.slice(matches.position(i), matches.sizeBytes(i));
        if (record != null) { // else retention was faster
          records.add(record);
        }
      }
      return new MessagesFound(records, matches.isComplete(), end);
    }
  }
}
