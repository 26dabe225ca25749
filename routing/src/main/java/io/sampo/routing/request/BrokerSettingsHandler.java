package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.Brokers.Broker;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The settings of the node that is asked (26), as tools show them: those of Sampo, and by the names
 * that RocketMQ's tools know the few that say who a broker is. They are set in a file and read once
 * at start, so they can't be changed from here.
 */
final class BrokerSettingsHandler implements RequestHandler {
  private final ShownSettings settings;
  private final Brokers brokers;

  BrokerSettingsHandler(ShownSettings settings, Brokers brokers) {
    this.settings = settings;
    this.brokers = brokers;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    Exchange request = session.begin(command);
    Broker broker = brokers.broker(session.logGroup());
    SortedMap<String, String> who = new TreeMap<>();
    who.put("brokerClusterName", brokers.clusterName());
    who.put("brokerIP1", broker.port().host());
    who.put("brokerName", broker.name());
    who.put("listenPort", Integer.toString(broker.port().port()));
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(settings.toProperties(who)));
  }
}
