package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.SystemTopics;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.TopicRouteData;
import io.sampo.wire.body.TopicRouteData.BrokerData;
import io.sampo.wire.body.TopicRouteData.QueueData;
import io.sampo.wire.header.RouteRequestHeader;
import java.util.List;

/**
 * Routes (105), on every port: each log group is a broker that has queues of every topic, but of
 * those that are kept to the first ones. Answered from memory; only a topic that this node doesn't
 * know is asked for. The brokers keep their order, so that a client which compares routes sees a
 * change only when there is one.
 */
final class RouteHandler implements RequestHandler {
  private final Topics topics;
  private final boolean autoCreate;
  private final BrokerRoutes routes;

  /**
   * @param autoCreate whether the template of new topics has a route; without one clients don't
   *     even try to send to a topic that they find no route of
   */
  RouteHandler(Topics topics, BrokerRoutes routes, boolean autoCreate) {
    this.topics = topics;
    this.autoCreate = autoCreate;
    this.routes = routes;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    String name = RouteRequestHeader.read(command.fields()).topic();
    Exchange request = session.begin(command);
    if (!autoCreate && name.equals(SystemTopics.AUTO_CREATE_TEMPLATE)) {
      request.answer(ResponseCode.TOPIC_NOT_EXIST, "sampo.topic.auto-create is off");
      return;
    }
    topics.with(request, name, topic -> answer(request, topic));
  }

  private void answer(Exchange request, TopicConfig topic) {
    List<BrokerData> brokers = routes.brokersOf(topic);
    List<QueueData> queues =
        brokers.stream()
            .map(
                broker ->
                    new QueueData(
                        broker.brokerName(),
                        topic.readQueues(),
                        topic.writeQueues(),
                        topic.permissions(),
                        topic.sysFlag()))
            .toList();
    byte[] body = new TopicRouteData(queues, brokers).toJson();
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }
}
