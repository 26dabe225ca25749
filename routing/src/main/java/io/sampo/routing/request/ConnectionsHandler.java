package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Member;
import io.sampo.actors.consumer.ConsumerGroup.Subscription;
import io.sampo.actors.consumer.GroupInsight.Connections;
import io.sampo.actors.consumer.GroupInsight.ConnectionsReply;
import io.sampo.actors.consumer.GroupInsight.GetConnections;
import io.sampo.actors.consumer.GroupInsight.GetTopics;
import io.sampo.actors.consumer.GroupInsight.TopicsReply;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.ConnectionData;
import io.sampo.wire.body.ConsumerConnections;
import io.sampo.wire.body.GroupNames;
import io.sampo.wire.body.GroupSubscription;
import io.sampo.wire.body.ProducerConnections;
import io.sampo.wire.body.SubscriptionData;
import io.sampo.wire.body.TopicList;
import io.sampo.wire.header.ConsumerGroupHeader;
import io.sampo.wire.header.GroupHeader;
import io.sampo.wire.header.GroupTopicHeader;
import io.sampo.wire.header.ProducerGroupHeader;
import io.sampo.wire.header.TopicHeader;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who is there, as tools ask a broker: the consumers of a group (203), the producers of one (204)
 * or of all (328), the groups that consume a topic (300), the topics that a group consumes (343),
 * and what it wants of one (345). Groups are answered for the whole cluster, producers for this
 * node.
 */
final class ConnectionsHandler implements RequestHandler {
  private final Groups groups;
  private final LeaderCache leaders;
  private final ConnectedProducers producers;

  ConnectionsHandler(Groups groups, LeaderCache leaders, ConnectedProducers producers) {
    this.groups = groups;
    this.leaders = leaders;
    this.producers = producers;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    Exchange request = session.begin(command);
    switch (command.code()) {
      case RequestCode.GET_CONSUMER_CONNECTION_LIST ->
          consumers(request, ConsumerGroupHeader.read(command.fields()).consumerGroup());
      case RequestCode.GET_PRODUCER_CONNECTION_LIST ->
          producers(request, ProducerGroupHeader.read(command.fields()).producerGroup());
      case RequestCode.GET_ALL_PRODUCER_INFO ->
          answer(request, new ProducerConnections(producers.all()).toJson());
      case RequestCode.QUERY_TOPIC_CONSUME_BY_WHO ->
          groupsOf(request, TopicHeader.read(command.fields()).topic());
      case RequestCode.QUERY_TOPICS_BY_CONSUMER ->
          topicsOf(request, GroupHeader.read(command.fields()).group());
      case RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER ->
          subscription(request, GroupTopicHeader.read(command.fields()));
      default -> throw new IllegalArgumentException("not about clients: " + command.code());
    }
  }

  private void consumers(Exchange request, String group) {
    withConnections(
        request,
        group,
        connections -> {
          if (connections.members().isEmpty()) {
            request.answer(
                ResponseCode.CONSUMER_NOT_ONLINE, "the group " + group + " has no member online");
          } else {
            answer(request, consumers(connections).toJson());
          }
        });
  }

  private static ConsumerConnections consumers(Connections connections) {
    Member first = connections.members().get(0);
    return new ConsumerConnections(
        connections.members().stream()
            .map(
                member ->
                    new ConnectionData(
                        member.clientId(), member.address(), member.language(), member.version()))
            .toList(),
        first.consumeType(),
        first.messageModel(),
        first.consumeFrom(),
        connections.subscriptions().stream().map(ConnectionsHandler::data).toList());
  }

  private static SubscriptionData data(Subscription subscription) {
    if (subscription.expressionType().equals(SubscriptionData.TAG)) {
      try {
        return SubscriptionData.ofTags(
            subscription.topic(), subscription.expression(), subscription.version());
      } catch (IllegalArgumentException noTag) { // said as it is
      }
    }
    return new SubscriptionData(
        subscription.topic(),
        subscription.expression(),
        Set.of(),
        Set.of(),
        subscription.version(),
        subscription.expressionType());
  }

  private void producers(Exchange request, String group) {
    ProducerConnections all = new ProducerConnections(producers.all());
    if (all.byGroup().containsKey(group)) {
      answer(request, all.toJson(group));
    } else {
      request.answer(
          ResponseCode.SYSTEM_ERROR, "no producer of the group " + group + " is connected");
    }
  }

  private void groupsOf(Exchange request, String topic) {
    List<String> names = groups.all().stream().map(SubscriptionGroupConfig::name).sorted().toList();
    new GroupSurvey(
            leaders, request, topic, found -> answer(request, new GroupNames(found).toJson()))
        .ask(names);
  }

  private void topicsOf(Exchange request, String group) {
    if (isKnown(request, group)) {
      leaders.tellGroup(group, new GetTopics(reply -> onTopics(request, reply)));
    }
  }

  private static void onTopics(Exchange request, TopicsReply reply) {
    if (reply instanceof io.sampo.actors.consumer.GroupInsight.Topics topics) {
      List<String> names = topics.names().stream().sorted().toList();
      answer(request, new TopicList(names, null).toJson());
    } else if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    }
  }

  private void subscription(Exchange request, GroupTopicHeader header) {
    withConnections(
        request,
        header.group(),
        connections -> {
          SubscriptionData found =
              connections.subscriptions().stream()
                  .filter(subscription -> subscription.topic().equals(header.topic()))
                  .findFirst()
                  .map(ConnectionsHandler::data)
                  .orElse(null);
          answer(request, new GroupSubscription(header.group(), header.topic(), found).toJson());
        });
  }

  private void withConnections(Exchange request, String group, Consumer<Connections> step) {
    if (isKnown(request, group)) {
      leaders.tellGroup(group, new GetConnections(reply -> onConnections(request, reply, step)));
    }
  }

  private static void onConnections(
      Exchange request, ConnectionsReply reply, Consumer<Connections> step) {
    if (reply instanceof Connections connections) {
      step.accept(connections);
    } else if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    }
  }

  /** A group that nobody has made is like one that nobody is in. */
  private boolean isKnown(Exchange request, String group) {
    if (CatalogRules.groupNameRefusal(group) == null && groups.known(group) != null) {
      return true;
    }
    request.answer(ResponseCode.CONSUMER_NOT_ONLINE, "the group " + group + " does not exist");
    return false;
  }

  private static void answer(Exchange request, byte[] body) {
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }
}
