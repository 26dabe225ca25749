package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLogSettings;
import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.cluster.replication.ReplicaFolder;
import io.sampo.cluster.replication.ReplicaPlan;
import io.sampo.cluster.replication.ReplicaStatus;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the replicas of this node: opens their logs when the node starts, opens one more when the
 * {@link ReplicaPlacer} wants the node to learn, discards one that the log group no longer has, and
 * tells the others on the {@link ReplicaBoard} what is there. One actor per node, the parent of its
 * commit logs.
 *
 * <p>Always holds: a replica's number is on disk before the replica says a word, and is noted as
 * gone before its files go. So a folder that is empty, or another's, is never opened as what it
 * was: who voted from it can't vote from it again. What the disk refuses is an answer, or tried
 * again, and ends nothing. It waits for the disk, so it has a dispatcher that may.
 */
public final class ReplicaKeeper extends AbstractBehavior<ReplicaKeeper.Command> {
  /** The name that it must be spawned under, below the user guardian. */
  public static final String NAME = "replicas";

  private static final Duration LOOK = Duration.ofMillis(250);
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What it is told. */
  public sealed interface Command {}

  /** Asks for a replica of a log group, a new one if there is none. */
  record OpenReplica(String logGroup, ActorRef<OpenReply> replyTo)
      implements Command, ControlMessage {}

  /** The answer to {@link OpenReplica}. */
  sealed interface OpenReply extends ControlMessage {}

  /** It is there, and may be taken for a learner. */
  record ReplicaOpened(String logGroup, ReplicaId replica) implements OpenReply {}

  /** It can't be had now; the reason is for people. */
  record ReplicaNotOpened(String logGroup, String reason) implements OpenReply {}

  /**
   * A replica is no member of its log group any more.
   *
   * @param epoch under which that is committed
   * @param membershipEnd where the record ends that says so
   */
  record DiscardReplica(String logGroup, ReplicaId replica, long epoch, long membershipEnd)
      implements Command, ControlMessage {}

  /** Says whether the node is to leave its cluster. Durable when it is answered. */
  public record Leave(boolean leaving, ActorRef<LeaveNoted> replyTo)
      implements Command, ControlMessage {}

  /** The answer to {@link Leave}. */
  public record LeaveNoted(String node, boolean leaving) implements ControlMessage {}

  private enum Look implements Command {
    INSTANCE
  }

  /** There may be log groups that it hasn't heard of. */
  private enum PlanGrew implements Command {
    INSTANCE
  }

  private record LogEnded(String logGroup) implements Command {}

  private record LogBroke(CommitLog.LogFailed event) implements Command {}

  private record FilesGone(String logGroup, @Nullable Throwable failure) implements Command {}

  /** What the rest of the node hears. */
  public interface Listener {
    /** The actor of a log broke. */
    void logEnded(String logGroup);

    /** A log that had failed is needed no more. */
    void failedLogGone(String logGroup);

    /** The node was to leave, and has no replicas any more. */
    void left();

    /** The replicas can't be kept: nothing was opened, and the keeper ends. */
    void notKept(String reason);
  }

  /**
   * Where it keeps them.
   *
   * @param self the node and the number of its data directory, which its founding replicas have
   * @param file used by this actor alone
   * @param book says which log groups there are, and where they began
   * @param alone whether the node is a cluster by itself
   */
  public record Home(
      ReplicaId self, ReplicasFile file, CharterBook book, ReplicaBoard board, boolean alone) {}

  private final Home home;
  private final NodePeers peers;
  private final CommitLogSettings settings;
  private final Listener listener;
  private final Map<String, ReplicaId> open = new HashMap<>();

  /** The log groups whose replicas here were looked after. */
  private final Set<String> started = new HashSet<>();

  /** Written by this actor, read by the doors. */
  private final Map<String, ActorRef<CommitLog.Command>> logs = new ConcurrentHashMap<>();

  private final Set<String> doors = new HashSet<>();
  private final Set<String> goingAway = new HashSet<>();

  /** The log groups whose replica here can't go on. */
  private final Set<String> failed = new HashSet<>();

  private int opened;
  private boolean diskRefuses;
  private @Nullable NodeReplicas published;

  private ReplicaKeeper(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Home home,
      NodePeers peers,
      CommitLogSettings settings,
      Listener listener)
      throws IOException {
    super(context);
    this.home = home;
    this.peers = peers;
    this.settings = settings;
    this.listener = listener;
    ActorRef<Command> self = context.getSelf();
    home.book().addListener(plan -> self.tell(PlanGrew.INSTANCE));
    context
        .getSystem()
        .eventStream()
        .tell(
            new EventStream.Subscribe<>(
                CommitLog.LogFailed.class,
                context.messageAdapter(CommitLog.LogFailed.class, LogBroke::new)));
    startAll();
    if (!home.alone()) {
      timers.startTimerWithFixedDelay(Look.INSTANCE, LOOK);
    }
  }

  /** Spawn it as {@link #NAME}, on {@link #dispatcher()}. */
  public static Behavior<Command> create(
      Home home, NodePeers peers, CommitLogSettings settings, Listener listener) {
    return Behaviors.setup(
        context -> {
          context.setLoggerName(ReplicaKeeper.class);
          return Behaviors.withTimers(
              timers -> {
                try {
                  return new ReplicaKeeper(context, timers, home, peers, settings, listener);
                } catch (IOException e) {
                  context.getLog().error("The node's replicas can't be kept", e);
                  listener.notKept(String.valueOf(e.getMessage()));
                  return Behaviors.stopped();
                }
              });
        });
  }

  /** The dispatcher to spawn it on. */
  public static DispatcherSelector dispatcher() {
    return DispatcherSelector.blocking();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Look.INSTANCE, this::onLook)
        .onMessage(OpenReplica.class, this::onOpenReplica)
        .onMessage(DiscardReplica.class, this::onDiscardReplica)
        .onMessage(Leave.class, this::onLeave)
        .onMessageEquals(PlanGrew.INSTANCE, this::onPlanGrew)
        .onMessage(LogEnded.class, this::onLogEnded)
        .onMessage(LogBroke.class, this::onLogBroke)
        .onMessage(FilesGone.class, this::onFilesGone)
        .build();
  }

  private void startAll() throws IOException {
    for (LogGroupPlan logGroup : home.book().plan().logGroups()) {
      if (!started.contains(logGroup.name())) {
        start(logGroup);
        started.add(logGroup.name());
      }
    }
  }

  /** What the disk refuses is tried again. */
  private Behavior<Command> onPlanGrew() {
    if (noted(this::startAll)) {
      publish();
    }
    return this;
  }

  private void start(LogGroupPlan plan) throws IOException {
    String logGroup = plan.name();
    ReplicasFile.Entry entry = home.file().entry(logGroup);
    boolean founder = plan.voters().contains(home.self()) || plan.learners().contains(home.self());
    if (entry == null && founder) {
      folder(logGroup).foundOrKeep(home.self().disk());
      openNew(logGroup, home.self().disk(), plan.membership());
    } else if (entry != null && entry.discarded()) {
      discardFiles(logGroup); // again, if the node stopped in the middle
    } else if (entry != null && isThere(logGroup, entry)) {
      ReplicaId replica = new ReplicaId(home.self().node(), entry.disk());
      boolean asFounder = founder && replica.equals(home.self());
      open(logGroup, replica, asFounder ? plan.membership() : Membership.NOBODY);
    } else if (entry != null) {
      getContext()
          .getLog()
          .error(
              "{} is empty or not the one that was there: this node's replica of {} is lost, and"
                  + " another one will learn instead",
              folder(logGroup).path(),
              logGroup);
      folder(logGroup).setAside();
      home.file().put(logGroup, new ReplicasFile.Entry(entry.disk(), true));
    }
  }

  /** Whether what is noted is still there. A node alone has nobody who could give it back. */
  private boolean isThere(String logGroup, ReplicasFile.Entry entry) throws IOException {
    ReplicaFolder folder = folder(logGroup);
    if (!home.alone()) {
      return folder.isOf(entry.disk());
    }
    if (folder.isEmpty()) {
      throw new CorruptLogException(
          "%s is empty, and there is no other copy of %s; put it back, or empty the whole data directory to begin anew"
              .formatted(folder.path(), logGroup));
    }
    return true;
  }

  private ReplicaFolder folder(String logGroup) {
    return new ReplicaFolder(settings, logGroup);
  }

  /** The folder comes before the note: a note without a folder says that the folder was lost. */
  private ReplicaId openNew(String logGroup, long disk, Membership initial) throws IOException {
    ReplicaId replica = new ReplicaId(home.self().node(), disk);
    home.file().put(logGroup, new ReplicasFile.Entry(disk, false));
    open(logGroup, replica, initial);
    return replica;
  }

  private void open(String logGroup, ReplicaId replica, Membership initial) {
    ActorRef<CommitLog.Command> log =
        getContext()
            .spawn(
                CommitLog.create(logGroup, new ReplicaPlan(replica, initial), peers, settings),
                "log-" + logGroup + "-" + ++opened,
                CommitLog.dispatcher());
    getContext().watchWith(log, new LogEnded(logGroup));
    open.put(logGroup, replica);
    if (logs.put(logGroup, log) == null && doors.add(logGroup)) {
      getContext().spawn(ReplicaDoor.create(logs, logGroup), NodePeers.commitLogName(logGroup));
    }
  }

  private Behavior<Command> onOpenReplica(OpenReplica order) {
    OpenReply reply;
    try {
      reply = openReplica(order.logGroup());
    } catch (IOException e) {
      getContext().getLog().warn("A replica of {} can't be opened", order.logGroup(), e);
      reply = new ReplicaNotOpened(order.logGroup(), String.valueOf(e.getMessage()));
    }
    order.replyTo().tell(reply);
    return this;
  }

  private OpenReply openReplica(String logGroup) throws IOException {
    ReplicaId there = open.get(logGroup);
    if (goingAway.contains(logGroup)) {
      return new ReplicaNotOpened(logGroup, "the one before is being deleted");
    } else if (home.file().stay() != ReplicasFile.Stay.STAYS) {
      return new ReplicaNotOpened(logGroup, "the node leaves");
    } else if (there != null && failed.contains(logGroup)) {
      getContext().getLog().info("{} failed; it goes, and another one may learn", there);
      letGo(logGroup, there);
      return new ReplicaNotOpened(logGroup, "the one before failed and is being deleted");
    } else if (there != null) {
      return new ReplicaOpened(logGroup, there);
    }
    started.add(logGroup); // it may be older than what this node knows of the charter
    long disk = RANDOM.nextLong();
    folder(logGroup).found(disk);
    ReplicaId replica = openNew(logGroup, disk, Membership.NOBODY);
    getContext().getLog().info("This node gets a replica of {}: {}", logGroup, replica);
    publish();
    return new ReplicaOpened(logGroup, replica);
  }

  /**
   * Notes that a replica is no more, ends its log if it lives, and deletes its files then. It stays
   * when that can't be noted; the order is given again.
   */
  private void letGo(String logGroup, ReplicaId replica) {
    if (!noted(() -> home.file().put(logGroup, new ReplicasFile.Entry(replica.disk(), true)))) {
      return;
    }
    goingAway.add(logGroup);
    open.remove(logGroup);
    if (failed.remove(logGroup)) {
      listener.failedLogGone(logGroup);
    }
    ActorRef<CommitLog.Command> log = logs.remove(logGroup);
    if (log == null) {
      discardFiles(logGroup);
    } else {
      getContext().stop(log);
    }
    publish();
  }

  private Behavior<Command> onLogBroke(LogBroke broke) {
    if (open.containsKey(broke.event().logGroup())) {
      failed.add(broke.event().logGroup());
      publish();
    }
    return this;
  }

  private Behavior<Command> onDiscardReplica(DiscardReplica order) {
    String logGroup = order.logGroup();
    if (!order.replica().equals(open.get(logGroup))
        || knowsNewer(order)
        || goingAway.contains(logGroup)) {
      return this;
    }
    getContext()
        .getLog()
        .info("{} is no member of {} any more; it goes", order.replica(), logGroup);
    letGo(logGroup, order.replica());
    return this;
  }

  /** An order that was long on its way, or comes from who doesn't know that he leads no more. */
  private boolean knowsNewer(DiscardReplica order) {
    LocalLog log = LocalLogs.get(getContext().getSystem()).find(order.logGroup());
    ReplicaStatus status = log == null ? null : log.status();
    return status != null
        && (status.epoch() > order.epoch()
            || (status.membership().isMember(order.replica())
                && status.membershipEnd() > order.membershipEnd()));
  }

  private Behavior<Command> onLogEnded(LogEnded ended) {
    String logGroup = ended.logGroup();
    if (goingAway.contains(logGroup)) {
      discardFiles(logGroup);
    } else {
      logs.remove(logGroup);
      failed.add(logGroup);
      listener.logEnded(logGroup);
    }
    return this;
  }

  private void discardFiles(String logGroup) {
    goingAway.add(logGroup);
    try {
      folder(logGroup).delete();
      getContext().getSelf().tell(new FilesGone(logGroup, null));
    } catch (IOException | UncheckedIOException e) {
      getContext().getSelf().tell(new FilesGone(logGroup, e));
    }
  }

  private Behavior<Command> onFilesGone(FilesGone gone) {
    goingAway.remove(gone.logGroup());
    if (gone.failure() != null) {
      getContext()
          .getLog()
          .warn(
              "{} is not needed any more and could not be deleted; it is tried again at the next start",
              folder(gone.logGroup()).path(),
              gone.failure());
    }
    return this;
  }

  /** The answer says what counts, also when the disk refused to note something else. */
  private Behavior<Command> onLeave(Leave order) {
    ReplicasFile.Stay wanted = order.leaving() ? ReplicasFile.Stay.LEAVES : ReplicasFile.Stay.STAYS;
    if (home.file().stay() != ReplicasFile.Stay.LEFT && noted(() -> home.file().stay(wanted))) {
      getContext()
          .getLog()
          .info(
              order.leaving()
                  ? "This node is to leave its cluster for good; its replicas move elsewhere first"
                  : "This node stays in its cluster");
      publish();
    }
    order
        .replyTo()
        .tell(new LeaveNoted(home.self().node(), home.file().stay() != ReplicasFile.Stay.STAYS));
    return this;
  }

  private Behavior<Command> onLook() {
    if (!started.containsAll(home.book().logGroupNames())) {
      onPlanGrew();
    }
    publish();
    if (home.file().stay() == ReplicasFile.Stay.LEAVES
        && open.isEmpty()
        && goingAway.isEmpty()
        && noted(() -> home.file().stay(ReplicasFile.Stay.LEFT))) {
      listener.left();
    }
    return this;
  }

  /** Something that writes to the disk. */
  @FunctionalInterface
  private interface Note {
    void write() throws IOException;
  }

  /** Whether a note was written. If not, whatever led to it comes again; it is said once. */
  private boolean noted(Note note) {
    try {
      note.write();
      diskRefuses = false;
      return true;
    } catch (IOException e) {
      if (!diskRefuses) {
        getContext().getLog().warn("The disk refuses to note what becomes of the replicas", e);
      }
      diskRefuses = true;
      return false;
    }
  }

  private void publish() {
    LocalLogs local = LocalLogs.get(getContext().getSystem());
    List<NodeReplicas.View> views = new ArrayList<>();
    for (Map.Entry<String, ReplicaId> each : new TreeMap<>(open).entrySet()) {
      LocalLog log = local.find(each.getKey());
      ReplicaStatus status = log == null ? null : log.status();
      views.add(
          NodeReplicas.View.of(
              each.getKey(), each.getValue(), status, failed.contains(each.getKey())));
    }
    NodeReplicas now =
        new NodeReplicas(home.self().node(), home.file().stay() != ReplicasFile.Stay.STAYS, views);
    if (!now.equals(published)) {
      published = now;
      home.board().publish(now);
    }
  }
}
