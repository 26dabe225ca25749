package io.sampo.client;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Addresses as text, "host:port". */
final class Addresses {
  private Addresses() {}

  /**
   * The address, not resolved.
   *
   * @throws IllegalArgumentException when it isn't "host:port" or "[ipv6]:port"
   */
  static InetSocketAddress parse(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("'" + address + "' is not host:port");
    }
    String host = address.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(address.substring(colon + 1));
      return InetSocketAddress.createUnresolved(host, port);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + address + "' is not host:port", e);
    }
  }

  /**
   * Takes "host:port;host:port" apart.
   *
   * @throws IllegalArgumentException when there is none or one is malformed
   */
  static List<String> parseList(String addresses) {
    List<String> list = new ArrayList<>();
    for (String address : addresses.split("[;,]", -1)) {
      if (!address.isBlank()) {
        parse(address.strip());
        list.add(address.strip());
      }
    }
    if (list.isEmpty()) {
      throw new IllegalArgumentException("no address in '" + addresses + "'");
    }
    return List.copyOf(list);
  }

  /** An address of this machine to tell it from others; loopback when there is no other. */
  static InetAddress ofThisMachine() {
    try {
      for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (network.isUp() && !network.isLoopback()) {
          for (InetAddress address : Collections.list(network.getInetAddresses())) {
            if (address instanceof Inet4Address) {
              return address;
            }
          }
        }
      }
    } catch (SocketException e) {
      // A machine without interfaces to list still has a loopback address.
      return InetAddress.getLoopbackAddress();
    }
    return InetAddress.getLoopbackAddress();
  }
}
