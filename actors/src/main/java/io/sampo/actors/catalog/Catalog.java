package io.sampo.actors.catalog;

import static java.util.Objects.requireNonNull;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.ReplyEffect;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;

/**
 * The topics and subscription groups of the whole cluster, event-sourced; child of the first log
 * group's leader. What it answers is durable. A node keeps a copy of it ({@link CatalogView}), for
 * which each changed part is published; so this is asked only when something is created or a node
 * doesn't know a name.
 *
 * <p>System topics exist without an event; putting one replaces it. It stops when the journal fails
 * and is started again by the log group.
 */
public final class Catalog
    extends EventSourcedBehaviorWithEnforcedReplies<Catalog.Command, CatalogEvent, CatalogState> {
  /** What the catalog is told. */
  public sealed interface Command extends ControlMessage {}

  /** Creates the topic unless it is there; answers with what is there after it. */
  public record EnsureTopic(TopicConfig wanted, ActorRef<TopicReply> replyTo) implements Command {}

  /**
   * Creates or replaces a topic. Attributes that it had, and that are neither given nor removed
   * now, stay.
   *
   * @param attributesRemoved names of attributes; those that it doesn't have are no error
   */
  public record PutTopic(
      TopicConfig topic, Set<String> attributesRemoved, ActorRef<TopicReply> replyTo)
      implements Command {
    public PutTopic {
      attributesRemoved = Set.copyOf(attributesRemoved);
    }
  }

  /**
   * Deletes a topic; answered with {@link TopicGone}, also when there is none. The retry topic of a
   * group goes with its group only, system topics not at all.
   */
  public record DeleteTopic(String name, ActorRef<TopicReply> replyTo) implements Command {}

  /** Asks for a topic. */
  public record GetTopic(String name, ActorRef<TopicReply> replyTo) implements Command {}

  /** The answer about a topic. */
  public sealed interface TopicReply extends ControlMessage {}

  /**
   * The topic as it is now, and durable.
   *
   * @param revision of the catalog; an answer or copy of a higher revision is newer
   */
  public record TopicFound(TopicConfig topic, long revision) implements TopicReply {}

  /**
   * There is no such topic, durably.
   *
   * @param revision of the catalog; an answer or copy of a higher revision is newer
   */
  public record TopicGone(String name, long revision) implements TopicReply {}

  /** There is no such topic. */
  public record TopicMissing(String name) implements TopicReply {}

  /**
   * Creates the group and its retry topic unless they are there; answers with what is there after
   * it.
   */
  public record EnsureGroup(SubscriptionGroupConfig wanted, ActorRef<GroupReply> replyTo)
      implements Command {}

  /**
   * Creates or replaces a group. Its retry topic is created when it isn't there, and takes over the
   * number of queues when that changes; but consumers go on reading the queues that they had.
   */
  public record PutGroup(SubscriptionGroupConfig group, ActorRef<GroupReply> replyTo)
      implements Command {}

  /**
   * Deletes a group and its retry topic; answered with {@link GroupGone}, also when there is none.
   */
  public record DeleteGroup(String name, ActorRef<GroupReply> replyTo) implements Command {}

  /** Asks for a group. */
  public record GetGroup(String name, ActorRef<GroupReply> replyTo) implements Command {}

  /** The answer about a group. */
  public sealed interface GroupReply extends ControlMessage {}

  /**
   * The group as it is now, and durable.
   *
   * @param retryTopic the group's %RETRY% topic
   * @param revision of the catalog; an answer or copy of a higher revision is newer
   */
  public record GroupFound(SubscriptionGroupConfig group, TopicConfig retryTopic, long revision)
      implements GroupReply {}

  /**
   * There is no such group, durably, and no retry topic of it.
   *
   * @param revision of the catalog; an answer or copy of a higher revision is newer
   */
  public record GroupGone(String name, long revision) implements GroupReply {}

  /** There is no such group. */
  public record GroupMissing(String name) implements GroupReply {}

  /**
   * The name or the numbers of a topic or group are not allowed, or a limit is reached; the reason
   * goes to the client.
   */
  public record CatalogRefused(String reason) implements TopicReply, GroupReply {}

  private final CatalogSettings settings;
  private final KeptTopics kept;
  private final Supplier<Map<String, TopicConfig>> systemTopics;
  private final CatalogPublisher publisher;

  private Catalog(
      PersistenceId id,
      CatalogSettings settings,
      KeptTopics kept,
      Supplier<Map<String, TopicConfig>> systemTopics,
      CatalogPublisher publisher) {
    super(id);
    this.settings = settings;
    this.kept = kept;
    this.systemTopics = systemTopics;
    this.publisher = publisher;
  }

  /**
   * @param home the log group that holds the journal
   * @param kept which topics are kept to the log groups that there are
   * @param systemTopics what exists from the start, by name
   */
  public static Behavior<Command> create(
      String home,
      CatalogSettings settings,
      KeptTopics kept,
      Supplier<Map<String, TopicConfig>> systemTopics,
      CatalogPublisher publisher) {
    PersistenceId id = PersistenceId.ofUniqueId(home + "/catalog");
    return Behaviors.setup(context -> new Catalog(id, settings, kept, systemTopics, publisher));
  }

  @Override
  public CatalogState emptyState() {
    return CatalogState.EMPTY;
  }

  @Override
  public CommandHandlerWithReply<Command, CatalogEvent, CatalogState> commandHandler() {
    return newCommandHandlerWithReplyBuilder()
        .forAnyState()
        .onCommand(EnsureTopic.class, this::onEnsureTopic)
        .onCommand(PutTopic.class, this::onPutTopic)
        .onCommand(DeleteTopic.class, this::onDeleteTopic)
        .onCommand(GetTopic.class, this::onGetTopic)
        .onCommand(EnsureGroup.class, this::onEnsureGroup)
        .onCommand(PutGroup.class, this::onPutGroup)
        .onCommand(DeleteGroup.class, this::onDeleteGroup)
        .onCommand(GetGroup.class, this::onGetGroup)
        .build();
  }

  @Override
  public EventHandler<CatalogState, CatalogEvent> eventHandler() {
    return newEventHandlerBuilder().forAnyState().onAnyEvent(CatalogState::apply);
  }

  @Override
  public SignalHandler<CatalogState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.instance(),
            state -> state.parts().values().forEach(publisher::publish))
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(settings.snapshotEvery(), 2);
  }

  private ReplyEffect<CatalogEvent, CatalogState> onEnsureTopic(
      CatalogState state, EnsureTopic ensure) {
    TopicConfig known = topic(state, ensure.wanted().name());
    return known == null
        ? putTopic(state, ensure.wanted(), ensure.replyTo())
        : Effect().reply(ensure.replyTo(), new TopicFound(known, state.revision()));
  }

  private ReplyEffect<CatalogEvent, CatalogState> onPutTopic(CatalogState state, PutTopic put) {
    TopicConfig before = state.topic(put.topic().name());
    if (before == null) {
      return putTopic(state, put.topic(), put.replyTo());
    }
    Map<String, String> attributes = new HashMap<>(before.attributes());
    attributes.keySet().removeAll(put.attributesRemoved());
    attributes.putAll(put.topic().attributes());
    return putTopic(state, put.topic().withAttributes(attributes), put.replyTo());
  }

  private ReplyEffect<CatalogEvent, CatalogState> onDeleteTopic(
      CatalogState state, DeleteTopic delete) {
    String name = delete.name();
    if (systemTopics.get().containsKey(name)) {
      return Effect().reply(delete.replyTo(), new CatalogRefused(name + " is a system topic"));
    }
    if (state.topic(name) == null) {
      return Effect().reply(delete.replyTo(), new TopicGone(name, state.revision()));
    }
    if (name.startsWith(CatalogRules.RETRY_PREFIX)
        && state.group(name.substring(CatalogRules.RETRY_PREFIX.length())) != null) {
      return Effect()
          .reply(
              delete.replyTo(),
              new CatalogRefused(name + " belongs to a group and is deleted with it"));
    }
    return Effect()
        .persist(new CatalogEvent.TopicDeleted(name))
        .thenRun((CatalogState changed) -> publisher.publish(changed.partOf(name)))
        .thenReply(delete.replyTo(), changed -> new TopicGone(name, changed.revision()));
  }

  private ReplyEffect<CatalogEvent, CatalogState> onGetTopic(CatalogState state, GetTopic get) {
    TopicConfig known = topic(state, get.name());
    return Effect()
        .reply(
            get.replyTo(),
            known == null ? new TopicMissing(get.name()) : new TopicFound(known, state.revision()));
  }

  private ReplyEffect<CatalogEvent, CatalogState> onEnsureGroup(
      CatalogState state, EnsureGroup ensure) {
    SubscriptionGroupConfig group = ensure.wanted();
    if (state.group(group.name()) != null) {
      return Effect().reply(ensure.replyTo(), groupFound(state, group.name()));
    }
    return putGroup(state, group, ensure.replyTo());
  }

  private ReplyEffect<CatalogEvent, CatalogState> onPutGroup(CatalogState state, PutGroup put) {
    return putGroup(state, put.group(), put.replyTo());
  }

  private ReplyEffect<CatalogEvent, CatalogState> putGroup(
      CatalogState state, SubscriptionGroupConfig group, ActorRef<GroupReply> replyTo) {
    String refusal = CatalogRules.groupRefusal(group);
    if (refusal == null
        && state.group(group.name()) == null
        && state.groupCount() >= settings.groupsMax()) {
      refusal = "there are " + settings.groupsMax() + " groups, which is the limit";
    }
    TopicConfig retryTopic = retryTopic(state, group);
    if (refusal == null) {
      refusal = limitRefusal(state, retryTopic);
    }
    if (refusal != null) {
      return Effect().reply(replyTo, new CatalogRefused(refusal));
    }
    return Effect()
        .persist(new CatalogEvent.GroupPut(group, retryTopic))
        .thenRun(
            (CatalogState changed) -> {
              publisher.publish(changed.partOf(retryTopic.name()));
              publisher.publish(changed.partOf(group.name()));
            })
        .thenReply(replyTo, changed -> groupFound(changed, group.name()));
  }

  private ReplyEffect<CatalogEvent, CatalogState> onDeleteGroup(
      CatalogState state, DeleteGroup delete) {
    String name = delete.name();
    if (state.group(name) == null) {
      return Effect().reply(delete.replyTo(), new GroupGone(name, state.revision()));
    }
    return Effect()
        .persist(new CatalogEvent.GroupDeleted(name))
        .thenRun(
            (CatalogState changed) -> {
              publisher.publish(changed.partOf(name));
              publisher.publish(changed.partOf(CatalogRules.RETRY_PREFIX + name));
            })
        .thenReply(delete.replyTo(), changed -> new GroupGone(name, changed.revision()));
  }

  private ReplyEffect<CatalogEvent, CatalogState> onGetGroup(CatalogState state, GetGroup get) {
    return Effect()
        .reply(
            get.replyTo(),
            state.group(get.name()) == null
                ? new GroupMissing(get.name())
                : groupFound(state, get.name()));
  }

  private ReplyEffect<CatalogEvent, CatalogState> putTopic(
      CatalogState state, TopicConfig wanted, ActorRef<TopicReply> replyTo) {
    TopicConfig topic = kept.keep(wanted);
    String refusal = CatalogRules.topicRefusal(topic);
    if (refusal == null) {
      refusal = limitRefusal(state, topic);
    }
    if (refusal != null) {
      return Effect().reply(replyTo, new CatalogRefused(refusal));
    }
    return Effect()
        .persist(new CatalogEvent.TopicPut(topic))
        .thenRun((CatalogState changed) -> publisher.publish(changed.partOf(topic.name())))
        .thenReply(replyTo, changed -> new TopicFound(topic, changed.revision()));
  }

  private @Nullable String limitRefusal(CatalogState state, TopicConfig topic) {
    TopicConfig before = state.topic(topic.name());
    if (before == null && state.topicCount() >= settings.topicsMax()) {
      return "there are " + settings.topicsMax() + " topics, which is the limit";
    }
    int more = CatalogState.queues(topic) - CatalogState.queues(before);
    if (more > 0 && state.queueCount() + more > settings.queuesMax()) {
      return "there are " + state.queueCount() + " queues and the limit is " + settings.queuesMax();
    }
    return null;
  }

  private @Nullable TopicConfig topic(CatalogState state, String name) {
    TopicConfig put = state.topic(name);
    return put == null ? systemTopics.get().get(name) : put;
  }

  private static TopicConfig retryTopic(CatalogState state, SubscriptionGroupConfig group) {
    String name = CatalogRules.RETRY_PREFIX + group.name();
    TopicConfig known = state.topic(name);
    if (known == null) {
      return TopicConfig.of(
          name, group.retryQueues(), TopicConfig.PERM_READ | TopicConfig.PERM_WRITE);
    }
    SubscriptionGroupConfig before = state.group(group.name());
    return before == null || before.retryQueues() == group.retryQueues()
        ? known
        : known.withQueues(Math.max(known.readQueues(), group.retryQueues()), group.retryQueues());
  }

  /** The answer about a group that exists. */
  private static GroupFound groupFound(CatalogState state, String name) {
    SubscriptionGroupConfig group = requireNonNull(state.group(name));
    TopicConfig retryTopic = requireNonNull(state.topic(CatalogRules.RETRY_PREFIX + name));
    return new GroupFound(group, retryTopic, state.revision());
  }
}
