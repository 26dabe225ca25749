package io.sampo.actors.group;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.LeaderNews;
import io.sampo.actors.group.LogGroup.LeaderRetires;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Scheduler;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * Keeps the log groups awake and the node's {@link LeaderDirectory} right, one actor per node.
 * Sharding starts an entity only when a message arrives for it, so this knocks at each log group:
 * at the start, regularly, whenever the cluster's members change, and at short intervals while one
 * has no leader. The answer names the leader, which is watched and forgotten as soon as it ends.
 * When a leader begins on this node, the knockers of all nodes are told at once. They are told,
 * too, when one is about to be followed by another, and then knock until that leads.
 *
 * <p>When the node stops it falls silent before sharding leaves: knocks at log groups that are
 * handed over would wait in the region and keep it from ending. The directory is kept to the end.
 */
public final class Knocker extends AbstractBehavior<Knocker.Command> {
  /** What the knocker is told; all of it by itself. */
  public sealed interface Command {}

  private enum KnockAgain implements Command {
    INSTANCE
  }

  private record FallSilent(ActorRef<Done> replyTo) implements Command {}

  private record Answered(LeaderAnnouncement announcement) implements Command {}

  private record LedHere(LeaderAnnouncement announcement) implements Command {}

  private record KnockersChanged(Receptionist.Listing listing) implements Command {}

  private record RetiresHere(LeaderRetires news) implements Command {}

  private record Retires(LeaderAnnouncement leader) implements Command {}

  /** The knockers of all nodes. */
  static final ServiceKey<LeaderNews> KNOCKERS = ServiceKey.create(LeaderNews.class, "knockers");

  /** What a leader publishes on its node's event stream when it begins. */
  record LeadershipBegan(LeaderAnnouncement announcement) {}

  /** What it publishes there when another one may follow it. */
  record LeadershipRetires(LeaderRetires news) {}

  private record LeaderEnded(LeaderAnnouncement leader) implements Command {}

  private record MembersChanged(MemberEvent event) implements Command {}

  /**
   * How often to knock: the {@code sampo.leader-directory} section.
   *
   * @param interval at log groups whose leader is known
   * @param searchInterval while the leader of any is not known
   */
  public record Pace(Duration interval, Duration searchInterval) {
    private static final String PATH = "sampo.leader-directory";

    public Pace {
      requirePositive("knock-interval", interval);
      requirePositive("search-interval", searchInterval);
    }

    /** Reads the section from a whole configuration. */
    public static Pace from(Config config) {
      Config section = config.getConfig(PATH);
      return new Pace(
          section.getDuration("knock-interval"), section.getDuration("search-interval"));
    }

    private static void requirePositive(String name, Duration value) {
      if (value.toMillis() < 1) {
        throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
      }
    }
  }

  /** There may be more log groups. */
  private enum LogGroupsGrew implements Command {
    INSTANCE
  }

  private final Supplier<List<String>> logGroups;
  private final ActorRef<ShardingEnvelope<LogGroup.Command>> region;
  private final LeaderDirectory directory;
  private final Pace pace;
  private final TimerScheduler<Command> timers;
  private final ActorRef<LeaderNews> answers;
  private Set<ActorRef<LeaderNews>> knockers = Set.of();

  /** Those that are still led by one who is about to be followed. */
  private final Map<String, LeaderAnnouncement> retiring = new HashMap<>();

  private boolean silent;

  private Knocker(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Supplier<List<String>> logGroups,
      ActorRef<ShardingEnvelope<LogGroup.Command>> region,
      LeaderDirectory directory,
      Pace pace) {
    super(context);
    this.timers = timers;
    this.logGroups = logGroups;
    this.region = region;
    this.directory = directory;
    this.pace = pace;
    this.answers = context.messageAdapter(LeaderNews.class, Knocker::heard);
    ActorRef<MemberEvent> memberEvents =
        context.messageAdapter(MemberEvent.class, MembersChanged::new);
    Cluster.get(context.getSystem())
        .subscriptions()
        .tell(Subscribe.create(memberEvents, MemberEvent.class));
    hearOfLeaders();
    fallSilentWhenTheNodeStops();
    knock();
  }

  private static Command heard(LeaderNews news) {
    return news instanceof LeaderRetires retires
        ? new Retires(retires.leader())
        : new Answered((LeaderAnnouncement) news);
  }

  /** Knocking finds a leader sooner or later; one that begins is told of at once. */
  private void hearOfLeaders() {
    ActorSystem<?> system = getContext().getSystem();
    system
        .eventStream()
        .tell(
            new EventStream.Subscribe<>(
                LeadershipBegan.class,
                getContext()
                    .messageAdapter(
                        LeadershipBegan.class, began -> new LedHere(began.announcement()))));
    system
        .eventStream()
        .tell(
            new EventStream.Subscribe<>(
                LeadershipRetires.class,
                getContext()
                    .messageAdapter(
                        LeadershipRetires.class, retires -> new RetiresHere(retires.news()))));
    system.receptionist().tell(Receptionist.register(KNOCKERS, answers));
    // An actor of its own: to the receptionist all adapters are the one that is registered.
    ActorRef<Command> self = getContext().getSelf();
    ActorRef<Receptionist.Listing> listings =
        getContext()
            .spawn(
                Behaviors.receiveMessage(
                    listing -> {
                      self.tell(new KnockersChanged(listing));
                      return Behaviors.same();
                    }),
                "knockers");
    system.receptionist().tell(Receptionist.subscribe(KNOCKERS, listings));
  }

  /**
   * @param logGroups all that there are now
   * @param region takes commands for log groups, see {@link LogGroup#init}
   * @param directory kept by this actor alone
   */
  public static Behavior<Command> create(
      Supplier<List<String>> logGroups,
      ActorRef<ShardingEnvelope<LogGroup.Command>> region,
      LeaderDirectory directory,
      Pace pace) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new Knocker(context, timers, logGroups, region, directory, pace)));
  }

  /** To be told when there may be more log groups. */
  static Command logGroupsGrew() {
    return LogGroupsGrew.INSTANCE;
  }

  /** To be told when there is nobody left to knock for. */
  static Command fallSilent(ActorRef<Done> replyTo) {
    return new FallSilent(replyTo);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(KnockAgain.INSTANCE, this::knock)
        .onMessageEquals(LogGroupsGrew.INSTANCE, this::knock)
        .onMessage(MembersChanged.class, changed -> knock())
        .onMessage(Answered.class, this::onAnswered)
        .onMessage(LedHere.class, this::onLedHere)
        .onMessage(RetiresHere.class, this::onRetiresHere)
        .onMessage(Retires.class, retires -> onRetires(retires.leader()))
        .onMessage(KnockersChanged.class, this::onKnockersChanged)
        .onMessage(LeaderEnded.class, this::onLeaderEnded)
        .onMessage(FallSilent.class, this::onFallSilent)
        .build();
  }

  private void fallSilentWhenTheNodeStops() {
    ActorRef<Command> self = getContext().getSelf();
    Scheduler scheduler = getContext().getSystem().scheduler();
    CoordinatedShutdown.get(getContext().getSystem())
        .addTask(
            CoordinatedShutdown.PhaseBeforeClusterShutdown(),
            "stop-knocking",
            () -> AskPattern.ask(self, FallSilent::new, Duration.ofSeconds(1), scheduler));
  }

  private Behavior<Command> onFallSilent(FallSilent order) {
    silent = true;
    timers.cancelAll();
    order.replyTo().tell(Done.getInstance());
    return this;
  }

  private Behavior<Command> knock() {
    if (silent) {
      return this;
    }
    List<String> all = logGroups.get();
    boolean searching =
        !retiring.isEmpty()
            || all.stream().anyMatch(logGroup -> directory.leader(logGroup) == null);
    timers.startSingleTimer(
        KnockAgain.INSTANCE, searching ? pace.searchInterval() : pace.interval());
    for (String logGroup : all) {
      region.tell(new ShardingEnvelope<>(logGroup, new LogGroup.Knock(answers.narrow())));
    }
    return this;
  }

  private Behavior<Command> onAnswered(Answered answer) {
    LeaderAnnouncement announcement = answer.announcement();
    if (directory.announced(announcement)) {
      retiring.remove(announcement.logGroup());
      getContext().watchWith(announcement.leader(), new LeaderEnded(announcement));
    }
    return this;
  }

  private Behavior<Command> onLedHere(LedHere led) {
    knockers.forEach(knocker -> knocker.tell(led.announcement()));
    return onAnswered(new Answered(led.announcement()));
  }

  private Behavior<Command> onRetiresHere(RetiresHere retires) {
    knockers.forEach(knocker -> knocker.tell(retires.news()));
    return onRetires(retires.news().leader());
  }

  private Behavior<Command> onRetires(LeaderAnnouncement leader) {
    if (leader.equals(directory.leadership(leader.logGroup()))) {
      retiring.put(leader.logGroup(), leader);
      return knock();
    }
    return this;
  }

  private Behavior<Command> onKnockersChanged(KnockersChanged changed) {
    knockers = changed.listing().getServiceInstances(KNOCKERS);
    return this;
  }

  private Behavior<Command> onLeaderEnded(LeaderEnded ended) {
    directory.ended(ended.leader());
    retiring.remove(ended.leader().logGroup(), ended.leader());
    return knock();
  }
}
