package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.GroupReply;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.HeartbeatReply;
import io.sampo.actors.consumer.ConsumerGroup.Member;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.ConsumerGroup.MembersReply;
import io.sampo.actors.consumer.ConsumerGroup.Subscription;
import io.sampo.actors.filter.BadFilterException;
import io.sampo.actors.filter.FilterSettings;
import io.sampo.actors.filter.SubscriptionFilter;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.CheckClientData;
import io.sampo.wire.body.ConnectionData;
import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.ConsumerIdList;
import io.sampo.wire.body.HeartbeatData;
import io.sampo.wire.body.SubscriptionData;
import io.sampo.wire.header.ConsumerGroupHeader;
import io.sampo.wire.header.UnregisterClientRequestHeader;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Membership: heartbeats (34), leaving (35), the members of a group (38), and the check of a
 * subscription before a client starts (46).
 *
 * <p>A heartbeat is answered when the client is a member of all its groups; so when it then asks
 * for the members it finds itself, and the retry topic that comes with a group has a route.
 */
final class HeartbeatHandler implements RequestHandler {
  /** What every client has for itself; it sends no half messages. */
  private static final String INNER_PRODUCER = "CLIENT_INNER_PRODUCER";

  private final FilterSettings filterSettings;
  private final HeartbeatLimits limits;
  private final Groups groups;
  private final LeaderCache leaders;
  private final ConnectedClients clients;
  private final ConnectedProducers producers;

  HeartbeatHandler(
      FilterSettings filterSettings,
      Groups groups,
      LeaderCache leaders,
      ConnectedClients clients,
      ConnectedProducers producers) {
    this.filterSettings = filterSettings;
    this.limits = new HeartbeatLimits(filterSettings.expressionLengthMax());
    this.groups = groups;
    this.leaders = leaders;
    this.clients = clients;
    this.producers = producers;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.HEART_BEAT -> heartbeat(session, command);
      case RequestCode.UNREGISTER_CLIENT -> unregister(session, command);
      case RequestCode.GET_CONSUMER_LIST_BY_GROUP -> members(session, command);
      case RequestCode.CHECK_CLIENT_CONFIG -> check(session, command);
      default -> throw new IllegalArgumentException("not about members: " + command.code());
    }
  }

  private void heartbeat(ClientSession session, RemotingCommand command) {
    HeartbeatData data = HeartbeatData.fromJson(command.body());
    HeartbeatExchange heartbeat = new HeartbeatExchange(session, command, data.consumers().size());
    session.begin(heartbeat, 0);
    String problem = limits.problem(data);
    if (problem != null) {
      heartbeat.refused(ResponseCode.INVALID_PARAMETER, problem);
      return;
    }
    clients.join(data.clientId(), session);
    for (String group : data.producerGroups()) {
      if (!group.equals(INNER_PRODUCER)) {
        session.produces(group);
        producers.seen(
            group,
            new ConnectionData(
                data.clientId(), address(session), command.language(), command.version()),
            session);
      }
    }
    if (data.consumers().isEmpty()) {
      heartbeat.answer(CommandHeader.NONE);
      return;
    }
    for (ConsumerData consumer : data.consumers()) {
      Member member = member(session, data.clientId(), consumer, command);
      join(session, heartbeat, consumer.group(), member);
    }
  }

  private static String address(ClientSession session) {
    return session.connection().remote().toString();
  }

  private static Member member(
      ClientSession session, String clientId, ConsumerData consumer, RemotingCommand command) {
    Map<String, Subscription> subscriptions = new HashMap<>();
    for (SubscriptionData subscription : consumer.subscriptions()) {
      subscriptions.put(
          subscription.topic(),
          new Subscription(
              subscription.topic(),
              subscription.expression(),
              subscription.expressionType(),
              subscription.version()));
    }
    return new Member(
        clientId,
        address(session),
        command.language(),
        command.version(),
        consumer.consumeType(),
        consumer.messageModel(),
        consumer.consumeFrom(),
        subscriptions);
  }

  private void join(
      ClientSession session, HeartbeatExchange heartbeat, String group, Member member) {
    if (groups.known(group) != null) {
      tellGroup(session, heartbeat, group, member);
      return;
    }
    groups.ensure(
        group,
        reply ->
            session.resume(heartbeat, () -> onGroup(session, heartbeat, group, member, reply)));
  }

  private void onGroup(
      ClientSession session,
      HeartbeatExchange heartbeat,
      String group,
      Member member,
      @Nullable GroupReply reply) {
    if (reply instanceof GroupFound) {
      tellGroup(session, heartbeat, group, member);
    } else if (reply instanceof CatalogRefused refused) {
      heartbeat.refused(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, refused.reason());
    } else {
      heartbeat.refused(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
    }
  }

  /** On the event loop, so that a member that leaves with its connection never joins after that. */
  private void tellGroup(
      ClientSession session, HeartbeatExchange heartbeat, String group, Member member) {
    if (!session.join(group, member.clientId())) {
      heartbeat.refused(
          ResponseCode.SYSTEM_ERROR, "one connection has as many members as it may have");
      return;
    }
    session.consumes(group, member.messageModel().equals(ConsumerData.BROADCASTING));
    Set<String> changed = session.subscriptions().changedTopics(group, member.subscriptions());
    leaders.tellGroup(
        group,
        new Heartbeat(
            member,
            session,
            reply -> {
              if (!changed.isEmpty()) {
                session.resume(heartbeat, () -> session.endWaits(group, changed));
              }
              onHeartbeat(heartbeat, reply);
            }));
  }

  private static void onHeartbeat(HeartbeatExchange heartbeat, HeartbeatReply reply) {
    if (reply instanceof GroupRefused refused) {
      Refusals refusal = Refusals.of(refused);
      heartbeat.refused(refusal.code(), refusal.remark());
    } else {
      heartbeat.joined();
    }
  }

  private void unregister(ClientSession session, RemotingCommand command) {
    UnregisterClientRequestHeader header = UnregisterClientRequestHeader.read(command.fields());
    if (header.consumerGroup() != null) {
      session.leave(header.consumerGroup(), header.clientId());
    }
    if (header.producerGroup() != null) {
      session.producesNoMore(header.producerGroup());
      producers.leave(header.producerGroup(), header.clientId(), session);
    }
    session.begin(command).answer(CommandHeader.NONE);
  }

  private void members(ClientSession session, RemotingCommand command) {
    String group = ConsumerGroupHeader.read(command.fields()).consumerGroup();
    Exchange request = session.begin(command);
    if (groups.known(group) == null) {
      noMembers(request, group);
      return;
    }
    leaders.tellGroup(group, new GetMembers(reply -> onMembers(request, group, reply)));
  }

  private static void onMembers(Exchange request, String group, MembersReply reply) {
    if (reply instanceof Members members && !members.clientIds().isEmpty()) {
      byte[] body = new ConsumerIdList(members.clientIds()).toJson();
      request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
    } else if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else {
      noMembers(request, group);
    }
  }

  private static void noMembers(Exchange request, String group) {
    request.answer(ResponseCode.SYSTEM_ERROR, "the group " + group + " has no member online");
  }

  private void check(ClientSession session, RemotingCommand command) {
    SubscriptionData subscription = CheckClientData.fromJson(command.body()).subscription();
    Exchange request = session.begin(command);
    try {
      SubscriptionFilter.compile(
          subscription.expressionType(), subscription.expression(), filterSettings);
    } catch (BadFilterException e) {
      request.answer(ResponseCode.SUBSCRIPTION_PARSE_FAILED, e.getMessage());
      return;
    }
    request.answer(CommandHeader.NONE);
  }

  /**
   * A heartbeat that is answered when each of its groups has answered; the first refusal counts.
   */
  private static final class HeartbeatExchange extends Exchange {
    private final AtomicInteger unanswered;

    HeartbeatExchange(ClientSession session, RemotingCommand command, int groups) {
      super(session.connection(), command);
      this.unanswered = new AtomicInteger(groups);
    }

    void joined() {
      if (unanswered.decrementAndGet() == 0) {
        answer(CommandHeader.NONE);
      }
    }

    void refused(int code, String remark) {
      answer(code, remark);
    }
  }
}
