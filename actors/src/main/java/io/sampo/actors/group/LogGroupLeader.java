package io.sampo.actors.group;

import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.cluster.placement.CharterKeeper;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.record.QueueKey;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * A log group that leads: announces itself to whoever knocks, and starts and knows the actors that
 * depend on the log. It stops when the log does or another one leads; its children end with it, so
 * none can outlive the right to write for long.
 *
 * <p>When it is to retire its consumer groups write what they hold, so that consumers don't go back
 * when they meet the next leader, and from then on write at once. It serves on until the log has a
 * newer leader, or for as long as one may take to come.
 *
 * <p>A queue, the writer and the parts restart by themselves and must not end while this lives
 * (what a queue knows of the commit position would be lost), so if one does the leadership is given
 * up. A consumer group or the catalog that ends, as persistent actors do when the journal fails, is
 * forgotten and started anew when it is asked for.
 */
final class LogGroupLeader extends AbstractBehavior<LogGroup.Command> {
  private static final double RESTART_RANDOM = 0.2;

  record LogEnded() implements LogGroup.InternalCommand {}

  private record QueueEnded(QueueKey key) implements LogGroup.InternalCommand {}

  private record ServiceEnded(String name) implements LogGroup.InternalCommand {}

  private record ConsumerGroupEnded(String group) implements LogGroup.InternalCommand {}

  private record CatalogEnded() implements LogGroup.InternalCommand {}

  private enum GroupSettled implements LogGroup.InternalCommand {
    INSTANCE
  }

  private enum SettlingIsOver implements LogGroup.InternalCommand {
    INSTANCE
  }

  private enum NobodyFollows implements LogGroup.InternalCommand {
    INSTANCE
  }

  private final TimerScheduler<LogGroup.Command> timers;
  private final LogGroup.Home home;
  private final Leadership leadership;
  private final Map<QueueKey, ActorRef<Queue.Command>> queues = new HashMap<>();
  private final Map<String, ActorRef<ConsumerGroup.Command>> consumerGroups = new HashMap<>();
  private final Map<LogGroup.Part, ActorRef<LogGroup.PartCommand>> parts =
      new EnumMap<>(LogGroup.Part.class);
  private @Nullable ActorRef<Catalog.Command> catalog;
  private boolean retiring;

  /** Waits for the consumer groups to settle. */
  private @Nullable ActorRef<LogGroup.Command> dismissed;

  private int unsettled;

  LogGroupLeader(
      ActorContext<LogGroup.Command> context,
      TimerScheduler<LogGroup.Command> timers,
      LogGroup.Home home,
      Leadership leadership) {
    super(context);
    this.timers = timers;
    this.home = home;
    this.leadership = leadership;
    context.watchWith(leadership.commitLog(), new LogEnded());
    startParts();
    if (home.isFirst()) {
      catalog = startCatalog();
      startCharterKeeper();
    }
    context.getLog().info("{} is led here, epoch {}", home.logGroup(), leadership.epoch());
    publish(new Knocker.LeadershipBegan(announcement()));
  }

  private <E> void publish(E event) {
    getContext().getSystem().eventStream().tell(new EventStream.Publish<>(event));
  }

  @Override
  public Receive<LogGroup.Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(LogGroup.Knock.class, this::onKnock)
        .onMessage(LogGroup.ResolveQueue.class, this::onResolveQueue)
        .onMessage(LogGroup.ResolveConsumerGroup.class, this::onResolveConsumerGroup)
        .onMessage(LogGroup.ResolvePart.class, this::onResolvePart)
        .onMessage(LogGroup.ResolveCatalog.class, this::onResolveCatalog)
        .onMessage(LogGroup.LogTold.class, this::onLogTold)
        .onMessage(LogEnded.class, ended -> giveUp("its log ended"))
        .onMessage(QueueEnded.class, ended -> giveUp("the queue " + ended.key() + " ended"))
        .onMessage(ServiceEnded.class, ended -> giveUp("its " + ended.name() + " ended"))
        .onMessage(ConsumerGroupEnded.class, this::onConsumerGroupEnded)
        .onMessage(CatalogEnded.class, this::onCatalogEnded)
        .onMessage(LogGroup.Retire.class, this::onRetire)
        .onMessageEquals(GroupSettled.INSTANCE, this::onGroupSettled)
        .onMessageEquals(SettlingIsOver.INSTANCE, this::onSettlingOver)
        .onMessageEquals(NobodyFollows.INSTANCE, this::onNobodyFollows)
        .build();
  }

  private Behavior<LogGroup.Command> onKnock(LogGroup.Knock knock) {
    knock.replyTo().tell(announcement());
    return this;
  }

  private LogGroup.LeaderAnnouncement announcement() {
    return new LogGroup.LeaderAnnouncement(
        home.logGroup(), leadership.epoch(), getContext().getSelf());
  }

  private Behavior<LogGroup.Command> onResolveQueue(LogGroup.ResolveQueue resolve) {
    QueueKey key = resolve.queue();
    ActorRef<Queue.Command> queue = queues.get(key);
    if (queue == null) {
      if (queues.size() >= home.settings().queuesMax()) {
        resolve.replyTo().tell(full("queues", home.settings().queuesMax()));
        return this;
      }
      Queue.Start start = home.children().queue(key, leadership);
      queue = getContext().spawnAnonymous(start.actor());
      LocalQueues.get(getContext().getSystem()).enter(queue, start.gate());
      getContext().watchWith(queue, new QueueEnded(key));
      queues.put(key, queue);
    }
    resolve.replyTo().tell(new LogGroup.QueueResolved(key, queue));
    return this;
  }

  private Behavior<LogGroup.Command> onResolveConsumerGroup(LogGroup.ResolveConsumerGroup resolve) {
    String name = resolve.group();
    String rightHome = LogGroup.groupHome(name, home.homes());
    if (!rightHome.equals(home.logGroup())) {
      resolve.replyTo().tell(new LogGroup.ResolveRefused(name + " has its home in " + rightHome));
      return this;
    }
    ActorRef<ConsumerGroup.Command> group = consumerGroups.get(name);
    if (group == null) {
      if (consumerGroups.size() >= home.settings().consumerGroupsMax()) {
        resolve.replyTo().tell(full("consumer groups", home.settings().consumerGroupsMax()));
        return this;
      }
      group = getContext().spawnAnonymous(home.children().consumerGroup(name, leadership));
      getContext().watchWith(group, new ConsumerGroupEnded(name));
      consumerGroups.put(name, group);
      if (retiring) {
        settle(group);
      }
    }
    resolve.replyTo().tell(new LogGroup.ConsumerGroupResolved(name, group));
    return this;
  }

  private void startParts() {
    ActorRef<CrossQueueWriter.Command> writer =
        getContext()
            .spawn(
                CrossQueueWriter.create(
                    leadership, getContext().getSelf(), home.settings().crossWritesMax()),
                "writer");
    getContext().watchWith(writer, new ServiceEnded("writer"));
    LogGroupChildren.PartHome partHome =
        new LogGroupChildren.PartHome(leadership, getContext().getSelf(), writer);
    for (LogGroup.Part part : LogGroup.Part.values()) {
      String name = part.name().toLowerCase(Locale.ROOT);
      Behavior<LogGroup.PartCommand> behavior =
          Behaviors.supervise(home.children().part(part, partHome))
              .onFailure(
                  SupervisorStrategy.restartWithBackoff(
                      home.settings().electionRetryMin(),
                      home.settings().electionRetryMax(),
                      RESTART_RANDOM));
      ActorRef<LogGroup.PartCommand> actor = getContext().spawn(behavior, name);
      getContext().watchWith(actor, new ServiceEnded(name));
      parts.put(part, actor);
    }
  }

  private Behavior<LogGroup.Command> onResolvePart(LogGroup.ResolvePart resolve) {
    ActorRef<LogGroup.PartCommand> actor = parts.get(resolve.part());
    resolve
        .replyTo()
        .tell(
            actor == null
                ? new LogGroup.ResolveRefused(home.logGroup() + " has no part " + resolve.part())
                : new LogGroup.PartResolved(resolve.part(), actor));
    return this;
  }

  private Behavior<LogGroup.Command> onResolveCatalog(LogGroup.ResolveCatalog resolve) {
    if (!home.isFirst()) {
      resolve
          .replyTo()
          .tell(new LogGroup.ResolveRefused(home.logGroup() + " doesn't have the catalog"));
      return this;
    }
    if (catalog == null) {
      catalog = startCatalog();
    }
    resolve.replyTo().tell(new LogGroup.CatalogResolved(catalog));
    return this;
  }

  private ActorRef<Catalog.Command> startCatalog() {
    ActorRef<Catalog.Command> started =
        getContext().spawnAnonymous(home.children().catalog(leadership));
    getContext().watchWith(started, new CatalogEnded());
    return started;
  }

  /** It starts again by itself when the journal fails. */
  private void startCharterKeeper() {
    Behavior<CharterKeeper.Command> charterKeeper = home.children().charterKeeper(leadership);
    if (charterKeeper != null) {
      getContext().spawn(charterKeeper, "charter");
    }
  }

  private Behavior<LogGroup.Command> onLogTold(LogGroup.LogTold told) {
    if (told.reply() instanceof CommitLog.LeadershipEnded ended
        && ended.epoch() == leadership.epoch()) {
      return retiring ? Behaviors.stopped() : giveUp(ended.reason());
    }
    return this;
  }

  private Behavior<LogGroup.Command> onConsumerGroupEnded(ConsumerGroupEnded ended) {
    getContext().getLog().warn("the consumer group {} ended", ended.group());
    consumerGroups.remove(ended.group());
    return this;
  }

  private Behavior<LogGroup.Command> onCatalogEnded(CatalogEnded ended) {
    getContext().getLog().warn("the catalog ended");
    catalog = null;
    return this;
  }

  private Behavior<LogGroup.Command> onRetire(LogGroup.Retire retire) {
    if (retiring) {
      return this;
    }
    retiring = true;
    dismissed = retire.appointment();
    timers.startSingleTimer(SettlingIsOver.INSTANCE, home.settings().handOverMax());
    unsettled = 1;
    consumerGroups.values().forEach(this::settle);
    return onGroupSettled();
  }

  private void settle(ActorRef<ConsumerGroup.Command> group) {
    unsettled++;
    ActorRef<LogGroup.Command> self = getContext().getSelf();
    group.tell(new ConsumerGroup.Settle(settled -> self.tell(GroupSettled.INSTANCE)));
  }

  private Behavior<LogGroup.Command> onGroupSettled() {
    unsettled--;
    return unsettled == 0 ? onSettlingOver() : this;
  }

  private Behavior<LogGroup.Command> onSettlingOver() {
    ActorRef<LogGroup.Command> waiting = dismissed;
    if (waiting != null) {
      dismissed = null;
      timers.cancel(SettlingIsOver.INSTANCE);
      timers.startSingleTimer(NobodyFollows.INSTANCE, home.settings().successorWait());
      publish(new Knocker.LeadershipRetires(new LogGroup.LeaderRetires(announcement())));
      waiting.tell(Appointment.Told.MAY_BE_FOLLOWED);
    }
    return this;
  }

  private Behavior<LogGroup.Command> onNobodyFollows() {
    getContext()
        .getLog()
        .info("{} is no longer led here, though nobody else leads it yet", home.logGroup());
    return Behaviors.stopped();
  }

  private Behavior<LogGroup.Command> giveUp(String reason) {
    getContext().getLog().error("{} is no longer led here: {}", home.logGroup(), reason);
    return Behaviors.stopped();
  }

  private LogGroup.ResolveRefused full(String what, int max) {
    return new LogGroup.ResolveRefused(
        home.logGroup() + " has " + max + " " + what + ", which is the limit");
  }
}
