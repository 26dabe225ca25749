package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.Popping;
import io.sampo.actors.consumer.Popping.Lease;
import io.sampo.actors.consumer.Popping.NothingPopped;
import io.sampo.actors.consumer.Popping.QueueRead;
import io.sampo.actors.consumer.Popping.ReadNew;
import io.sampo.actors.group.LeaderDirectory;
import io.sampo.actors.group.Leaders;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.LogGroup.ConsumerGroupResolved;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.PartResolved;
import io.sampo.actors.group.LogGroup.QueueResolved;
import io.sampo.actors.group.LogGroup.ResolveConsumerGroup;
import io.sampo.actors.group.LogGroup.ResolvePart;
import io.sampo.actors.group.LogGroup.ResolveQueue;
import io.sampo.actors.group.LogGroups;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.actors.group.RecordReader;
import io.sampo.actors.group.RecordReader.NoRecord;
import io.sampo.actors.schedule.DueClock;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.actors.transaction.ProducerLink;
import io.sampo.actors.transaction.ProducerLink.TransactionCheck;
import io.sampo.actors.transaction.Producers;
import io.sampo.actors.transaction.TransactionRequests.EndHalf;
import io.sampo.actors.transaction.TransactionRequests.HalfStored;
import io.sampo.actors.transaction.TransactionRequests.NotStored;
import io.sampo.actors.transaction.TransactionRequests.StoreHalf;
import io.sampo.actors.transaction.TransactionRequests.TransactionDone;
import io.sampo.cluster.placement.CommonSettings;
import io.sampo.cluster.placement.NodeCard;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestSlice;
import io.sampo.routing.request.ClientPorts.Addresses;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * A node with real ports and an actor system of its own, whose log groups are played: queues and
 * parts keep in memory what they get, except queues of the topic {@link #SILENT}, which never
 * answer.
 */
final class RelayNode implements AutoCloseable {
  static final String TOPIC = "T";
  static final String SILENT = "S";
  static final String EMPTY = "E";
  static final String GROUP = "Called";
  private static final CommonSettings SETTINGS = new CommonSettings(2, 1000, true, "quorum");
  static final List<String> LOG_GROUPS = List.of("broker-0", "broker-1");

  /** A group that isn't led by the leader of the first log group. */
  static final String POPPERS =
      IntStream.range(0, 100)
          .mapToObj(i -> "Poppers" + i)
          .filter(group -> LogGroup.groupHome(group, LOG_GROUPS).equals("broker-1"))
          .findFirst()
          .orElseThrow();

  final ActorTestKit kit;
  final LeaderDirectory leaders = new LeaderDirectory();
  final List<String> stored = new CopyOnWriteArrayList<>();
  final List<MessageDraft> unanswered = new CopyOnWriteArrayList<>();
  final ClientPorts ports;
  final Producers producers = new Producers(8);

  /** Of what is stored: that a leader before may have it. */
  final List<String> storedAgain = new CopyOnWriteArrayList<>();

  /** How often queues were read. */
  final AtomicInteger reads = new AtomicInteger();

  /** Nothing is answered that is stored. */
  volatile boolean silent;

  /** Queues can't be read any more. */
  volatile boolean readsNothing;

  /** What queues and parts say of what they are to store, which they don't then. */
  volatile @Nullable AppendRefused refusal;

  /** Whether they are still in charge when they say that; otherwise the log is led elsewhere. */
  volatile boolean refusesForAMoment;

  /** How often they did. */
  final AtomicInteger refusals = new AtomicInteger();

  private final Map<String, NodeCard> cards = new ConcurrentHashMap<>();
  private final Map<String, ActorRef<LogGroup.Command>> leading = new HashMap<>();

  RelayNode(String name, String settings) {
    kit =
        ActorTestKit.create(
            name,
            ConfigFactory.parseString(
                    "pekko.actor.provider = remote, pekko.remote.artery.canonical.port = 0,"
                        + " pekko.remote.artery.canonical.hostname = 127.0.0.1,"
                        + " pekko.remote.use-unsafe-remote-features-outside-cluster = on,"
                        + " pekko.remote.warn-about-direct-use = off")
                .withFallback(ConfigFactory.load()));
    LinkedHashMap<String, Integer> brokerPorts = new LinkedHashMap<>();
    LOG_GROUPS.forEach(logGroup -> brokerPorts.put(logGroup, 0));
    try {
      ports =
          ClientPorts.bind(
              RequestSettings.from(
                  ConfigFactory.parseString(settings).withFallback(ConfigFactory.load())),
              new Addresses("127.0.0.1", "C", 0, brokerPorts));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void serve() {
    FakeCatalog catalog = new FakeCatalog();
    catalog.put(TopicConfig.of(TOPIC, 2, 6));
    catalog.put(TopicConfig.of(SILENT, 2, 6));
    catalog.put(TopicConfig.of(EMPTY, 1, 6));
    catalog.putGroup(GROUP);
    catalog.putGroup(POPPERS);
    ClusterNodes.Cards known =
        new ClusterNodes.Cards() {
          @Override
          public @Nullable NodeCard at(String clusterAddress) {
            return cards.get(clusterAddress);
          }

          @Override
          public @Nullable NodeCard of(String node) {
            return cards.values().stream()
                .filter(card -> card.node().equals(node))
                .findAny()
                .orElse(null);
          }
        };
    ports.serve(
        kit.system(),
        new LogGroups(
            LOG_GROUPS, leaders, catalog, producers, DueClock.ofSystem(Duration.ofMinutes(1))),
        new ClusterNodes(
            leaders,
            known,
            logGroup -> List.of("here", "there"),
            this::addresses,
            this::announcedEpoch));
  }

  /** The log agrees with whatever is announced, until it is known to have another leader. */
  private long announcedEpoch(String logGroup) {
    LeaderAnnouncement announced = leaders.leadership(logGroup);
    boolean fenced = refusal != null && !refusesForAMoment && refusals.get() > 0;
    return announced == null || fenced ? 0 : announced.epoch();
  }

  private Set<String> addresses() {
    return Set.copyOf(cards.keySet());
  }

  NodeCard card() {
    Map<String, Integer> brokerPorts = new HashMap<>();
    LOG_GROUPS.forEach(logGroup -> brokerPorts.put(logGroup, ports.brokerPort(logGroup)));
    return new NodeCard(
        kit.system().name(),
        1,
        "127.0.0.1",
        kit.system().address().toString(),
        0,
        ports.nameServerPort(),
        brokerPorts,
        0,
        false,
        SETTINGS);
  }

  /** This node learns where another is. */
  void meet(RelayNode other) {
    cards.put(other.kit.system().address().toString(), other.card());
  }

  /** This node takes a port for another node's. */
  void meet(String clusterAddress, int port) {
    Map<String, Integer> brokerPorts = new HashMap<>();
    LOG_GROUPS.forEach(logGroup -> brokerPorts.put(logGroup, port));
    cards.put(
        clusterAddress,
        new NodeCard(
            clusterAddress,
            1,
            "127.0.0.1",
            clusterAddress,
            0,
            port,
            brokerPorts,
            0,
            false,
            SETTINGS));
  }

  /** As the log group's transaction checker does. */
  void check(String group, TransactionCheck check, ReplyTo<Boolean> written) {
    ProducerLink here = producers.here(group, "broker-0");
    ProducerLink link = here != null ? here : producers.elsewhere(group, "broker-0");
    if (link == null) {
      throw new AssertionError("there are other nodes");
    }
    link.check(check, written);
  }

  /** The log group's leader on this node, as this node or another sees it. */
  LeaderAnnouncement leadership(String logGroup, long epoch, RelayNode seenBy) {
    ActorRef<LogGroup.Command> leader =
        leading.computeIfAbsent(logGroup, name -> kit.spawn(leader()));
    ActorRef<LogGroup.Command> seen =
        seenBy == this
            ? leader
            : ActorRefResolver.get(seenBy.kit.system())
                .resolveActorRef(ActorRefResolver.get(kit.system()).toSerializationFormat(leader));
    return new LeaderAnnouncement(logGroup, epoch, seen);
  }

  /** This node hears that a log group is led on one of the nodes. */
  void hears(String logGroup, long epoch, RelayNode leadingNode) {
    Leaders.announce(leaders, leadingNode.leadership(logGroup, epoch, this));
  }

  /** This node hears that a leadership ended. */
  void hearsOfTheEnd(String logGroup, long epoch, RelayNode leadingNode) {
    Leaders.end(leaders, leadingNode.leadership(logGroup, epoch, this));
  }

  private Behavior<LogGroup.Command> leader() {
    return Behaviors.receive(
        (context, command) -> {
          if (command instanceof ResolveQueue resolve) {
            QueueKey key = resolve.queue();
            resolve
                .replyTo()
                .tell(new QueueResolved(key, context.spawnAnonymous(queue(key.topic()))));
          } else if (command instanceof ResolveConsumerGroup resolve) {
            resolve
                .replyTo()
                .tell(
                    new ConsumerGroupResolved(
                        resolve.group(), context.spawnAnonymous(consumerGroup())));
          } else if (command instanceof ResolvePart resolve) {
            resolve
                .replyTo()
                .tell(new PartResolved(resolve.part(), context.spawnAnonymous(part())));
          }
          return Behaviors.same();
        });
  }

  private Behavior<Queue.Command> queue(String topic) {
    return Behaviors.receiveMessage(
        command -> {
          boolean isSilent = silent || topic.equals(SILENT);
          if (command instanceof Queue.Append append) {
            MessageDraft draft = append.messages().get(0);
            AppendRefused refused = refusal;
            if (refused != null) {
              draft.release();
              refusals.incrementAndGet();
              append.replyTo().tell(refused);
              return Behaviors.same();
            }
            String body = UTF_8.decode(draft.body().duplicate()).toString();
            if (draft.mayBeStored()) {
              storedAgain.add(body);
            }
            stored.add(body + " of " + draft.bornHost());
            if (isSilent) {
              unanswered.add(draft);
            } else {
              draft.release();
              append.replyTo().tell(new Appended(stored.size() - 1, new long[] {stored.size()}));
            }
          } else if (command instanceof Queue.Pull pull) {
            reads.incrementAndGet();
            if (readsNothing) {
              pull.replyTo().tell(ReadRefused.NOT_LEADING);
            } else if (topic.equals(EMPTY)) {
              pull.replyTo().tell(new NothingNew(0, 0, 0));
            } else if (!isSilent) {
              TestSlice slice = new TestSlice("x".repeat(20_000) + String.join(",", stored));
              pull.replyTo().tell(new Found(List.of(slice), 1, 1, 0, 1));
            }
          }
          return Behaviors.same();
        });
  }

  /** Has one member, wherever that is, and pops what its queues say. */
  private static Behavior<ConsumerGroup.Command> consumerGroup() {
    return Behaviors.receiveMessage(
        command -> {
          if (command instanceof ConsumerGroup.GetMembers get) {
            get.replyTo().tell(new ConsumerGroup.Members(List.of("me")));
          } else if (command instanceof Popping.Pop pop) {
            QueueKey key = new QueueKey(pop.wish().topic(), 0);
            Lease lease = new Lease(new GroupQueue(pop.wish().logGroup(), key), 1);
            pop.replyTo().tell(new ReadNew(lease, 0, 1));
          } else if (command instanceof QueueRead read) {
            read.replyTo().tell(NothingPopped.WAIT_OVER);
          }
          return Behaviors.same();
        });
  }

  private Behavior<LogGroup.PartCommand> part() {
    return Behaviors.receiveMessage(
        command -> {
          AppendRefused refused = refusal;
          if (refused == null) {
            stored.add(command.getClass().getSimpleName()); // first: the answer is waited for
          } else {
            refusals.incrementAndGet();
          }
          if (command instanceof StoreHalf half && silent) {
            unanswered.add(half.half());
          } else if (command instanceof StoreHalf half) {
            if (half.half().mayBeStored() && refused == null) {
              storedAgain.add("StoreHalf");
            }
            half.half().release();
            half.replyTo().tell(refused == null ? new HalfStored(7, 700) : new NotStored(refused));
          } else if (command instanceof EndHalf end) {
            end.replyTo().tell(refused == null ? TransactionDone.INSTANCE : new NotStored(refused));
          } else if (command instanceof Scheduler.Schedule schedule) {
            schedule.messages().forEach(MessageDraft::release);
            schedule
                .replyTo()
                .tell(
                    refused == null
                        ? new Scheduler.Scheduled(new Appended(7, new long[] {700}))
                        : new Scheduler.NotAppended(refused));
          } else if (command instanceof RecordReader.ReadRecord read) {
            read.replyTo().tell(refused == null ? NoRecord.NO_SUCH_RECORD : NoRecord.NOT_LEADING);
          }
          return Behaviors.same();
        });
  }

  @Override
  public void close() {
    unanswered.forEach(MessageDraft::release);
    ports.stop(Duration.ZERO).toCompletableFuture().join();
    kit.shutdownTestKit();
  }
}
