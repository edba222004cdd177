-- What did a purchase and a sale cost by the rulebook, and when did that change?
-- Basis points of value; before August 2015 Shanghai charged by face value, here at 10 yuan a share.
with

changes as (
    select valid_from as since from rules.stamp_duty
    union
    select valid_from as since from rules.transfer_fee
    union
    select valid_from as since from rules.commission
)

select
    changes.since,
    transfer_fee.exchange,
    stamp_duty.side,
    10000 * stamp_duty.rate as stamp_duty_bps,
    10000 * case
        when transfer_fee.basis = 'face_value' then transfer_fee.rate / 10 else transfer_fee.rate
    end as transfer_fee_bps,
    10000 * commission.rate as commission_bps,
    10000 * (stamp_duty.rate + commission.rate)
    + 10000 * case
        when transfer_fee.basis = 'face_value' then transfer_fee.rate / 10 else transfer_fee.rate
    end as total_bps
from changes
inner join rules.stamp_duty
    on changes.since between stamp_duty.valid_from and coalesce(stamp_duty.valid_to, changes.since)
inner join rules.transfer_fee
    on
        changes.since
        between transfer_fee.valid_from and coalesce(transfer_fee.valid_to, changes.since)
inner join rules.commission
    on changes.since between commission.valid_from and coalesce(commission.valid_to, changes.since)
order by changes.since, transfer_fee.exchange, stamp_duty.side
